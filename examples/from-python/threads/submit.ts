/**
 * `submit` and `Future.result(timeout)`: a program starts a batch, and waits for its result.
 *
 *     node examples/from-python/threads/submit.ts
 */
import { open } from "fanjoin/local";
import type collatz from "../pool/map.ts";

await using fanjoin = await open();
const batch = await fanjoin.submit<typeof collatz>(new URL("../pool/map.ts", import.meta.url));
// At the end of this time the wait ends, and not the batch: `batch.cancel()` ends it.
const { state } = await batch.ended({ signal: AbortSignal.timeout(60_000) });
if (state !== "succeeded") process.exitCode = 1;
for await (const steps of batch.outputs()) console.log(steps);
