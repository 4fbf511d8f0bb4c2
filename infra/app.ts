/** The CDK app of this repository: `npx cdk deploy`. */
import { App } from "aws-cdk-lib";
import { ExamplesStack } from "./stack.ts";

// The account and region of whoever deploys; without any, the template fits all of them.
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;

new ExamplesStack(new App(), "fanjoin", {
  description: "fanjoin with its example jobs",
  ...(account !== undefined && region !== undefined && { env: { account, region } }),
});
