/**
 * A Lambda that a schedule invokes: starts a batch on a stack, over the objects of one day. The day is the
 * idempotency token, so a second invocation starts no second batch.
 *
 * It needs `execute-api:Invoke` on the stack's API, and the API's URL in `FANJOIN_ENDPOINT`.
 */
import { connect } from "fanjoin/client";

export async function handler({ time }: { readonly time: string }): Promise<{ readonly batch: string }> {
  const endpoint = process.env["FANJOIN_ENDPOINT"];
  const bucket = process.env["SALES_BUCKET"] ?? "";
  const day = time.slice(0, 10);
  await using stack = await connect({ endpoint });
  const batch = await stack.submit("sales", { input: [`s3://${bucket}/${day}/`], id: day, params: { day } });
  return { batch: batch.id };
}
