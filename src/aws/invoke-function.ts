/** Synchronous invocation of a Lambda function. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { LambdaClient } from "@aws-sdk/client-lambda";

/** Invokes a function with `payload` as JSON and returns its JSON answer. Throws if the function failed. */
export async function invokeFunction(
  client: Pick<LambdaClient, "send">,
  functionName: string,
  payload: object,
): Promise<unknown> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload)) }),
  );
  const answer = Buffer.from(Payload ?? []).toString("utf8");
  if (FunctionError === undefined) return JSON.parse(answer);
  throw new Error(`the function ${functionName} failed (${FunctionError}): ${answer}`);
}
