/** Settings of V8 that a job's code needs. */
import { setFlagsFromString } from "node:v8";
import { readerKinds } from "../../../input/kinds.ts";
import type { DescribedJob } from "../../../job/describe-job.ts";

/**
 * Keeps the small loops of `process` out of Maglev, V8's quick compiler. Without this they are inlined there
 * after 400 items and stay for thousands of items more, five times slower (`bench cpu`, Node 24.21). It costs
 * chunks of no work nothing (`bench chunks`). Parsers need that inlining (`bench csv`), so jobs that parse
 * their items do without. The flag holds for the whole process.
 */
export function tuneFor({ input }: DescribedJob): void {
  if (readerKinds[input.kind].unit === "items") setFlagsFromString("--max-maglev-inlined-bytecode-size=60");
}
