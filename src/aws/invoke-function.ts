/** A question to a function, waited for. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { LambdaClient } from "@aws-sdk/client-lambda";

/** What `functionName` returns for `payload`, both as JSON. Throws if the function did. */
export async function askFunction(
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
