/** fanjoin: `node fanjoin-csv.ts <file> <job>`: the group-by as a job, from submitted to published. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { createLocalStore } from "../../src/local/store/store.ts";
import { openBench } from "./engine.ts";
import { answerOf } from "./groups.ts";
import type { Group } from "./groups.ts";
import { peakMb, report } from "./outcome.ts";

const BATCH = "01BENCH";
const LOOK_MS = 2;

const [, , file = "", job = "sales-by-country"] = process.argv;
const bench = await openBench(fileURLToPath(import.meta.resolve(`../jobs/${job}.ts`)), "full");
const name = pathToFileURL(file).href;
const stat = await createLocalStore({ directory: "", segmentName: "" }).stat(name);
if (!stat) throw new Error(`${file} is missing`);

let firstSettledMs = 0;
/** Since the process was started. */
const now = (): number => performance.now();
function look(): void {
  if (bench.engine.progress(BATCH).totals.chunks > 0) firstSettledMs = now();
  else setTimeout(look, LOOK_MS);
}

const before = process.cpuUsage();
const { ms, result } = await bench.run(
  BATCH,
  [{ name, label: file, size: stat.bytes, version: stat.version }],
  null,
  look,
);
const { user, system } = process.cpuUsage(before);
const mbPerSecond = stat.bytes / 1e3 / ms;
report({
  figures: { ms, cpuMs: (user + system) / 1000, mbPerSecond, firstSettledMs, peakMb: peakMb() },
  answer: answerOf(Object.entries(result as { [country: string]: Group })),
});
await bench.close();
