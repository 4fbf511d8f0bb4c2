/** Lists so many objects below a prefix into a directory, in a process of its own. Says what it came to. */
import { readSpec } from "../../../src/batch/spec.ts";
import { sourcesOf } from "../../../src/batch/sources.ts";
import { openBatch } from "../../../src/core/records/batch/batch.ts";
import { createLocalStore } from "../../../src/local/store/store.ts";
import type { ListedObject, Ports } from "../../../src/ports.ts";
import { listInput } from "../../../src/steps/planning/list-input.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";
import { memoryQueue } from "../../../src/testing/memory/queue.ts";

const [, , directory = "", count = "0"] = process.argv;
const BATCH = "01MANY";
const from = { prefix: "s3://in/" };

async function* objects(): AsyncGenerator<ListedObject> {
  for (let n = 0; n < Number(count); n++)
    yield {
      url: `s3://in/${String(n).padStart(9, "0")}/${"long-".repeat(20)}.csv`,
      bytes: n,
      version: `"${n}"`,
    };
}

const store = createLocalStore({ directory, segmentName: "list" });
const ledger = memoryLedger();
const ports: Ports = {
  ledger,
  queue: memoryQueue(),
  store,
  objects: { nameOf: (url) => url, list: objects },
  clock: { now: Date.now },
  newTag: () => "t",
};
const input = { reader: "many", of: "csv", options: {}, sources: [], from };
await ledger.update(openBatch(BATCH, { input, unlisted: true }));
const spec = await listInput({
  ports,
  spec: await readSpec(ledger, BATCH),
  from,
  place: null,
  timeBudget: null,
});
const sources = sourcesOf(spec.input, store);
let read = 0;
for (let number = 0; number < sources.count; number++) read += (await sources.at(number))?.size ?? 0;
console.log(JSON.stringify({ count: sources.count, read, list: spec.input.list?.bytes }));
store.close();
