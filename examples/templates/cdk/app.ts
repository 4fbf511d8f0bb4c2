/** The stack on AWS: `npx cdk deploy`. `npx cdk synth` shows what it consists of. */
import { App, Stack } from "aws-cdk-lib";
import { Fanjoin } from "fanjoin/cdk";

const stack = new Stack(new App(), "stack-name");
new Fanjoin(stack, "Fanjoin").addJob("job-name", { entry: "job.ts" });
