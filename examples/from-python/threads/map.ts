/**
 * `ThreadPoolExecutor.map` over files: each file is an item, eight at once in each thread.
 *
 *     fanjoin run examples/from-python/threads/map.ts examples/from-python/data/texts --output -
 */
import { createHash } from "node:crypto";
import { collect, defineJob, files } from "fanjoin";

export default defineJob({
  name: "digests",
  input: files(),
  concurrency: 8,
  process: async (file) => [
    file.name,
    createHash("sha256")
      .update(await file.bytes())
      .digest("hex"),
  ],
  join: collect(),
});
