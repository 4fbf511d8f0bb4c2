/** The CDK app of this repository: `npx cdk deploy`. */
import { App } from "aws-cdk-lib";
import { ExamplesStack } from "./stack.ts";

// The CDK CLI sets the deployer's account and region. Without them the template fits any.
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;

new ExamplesStack(new App(), "fanjoin", {
  description: "fanjoin with its example jobs",
  ...(account !== undefined && region !== undefined && { env: { account, region } }),
});
