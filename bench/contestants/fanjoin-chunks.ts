/**
 * fanjoin: `node fanjoin-chunks.ts <chunks> <full|normal>`: a range of no-op chunks, from submitted to joined
 * and published.
 */
import { fileURLToPath } from "node:url";
import { integers, openBench } from "./engine.ts";
import { peakMb, report } from "./outcome.ts";
import { answerOf, WARM_UP } from "./tasks.ts";

const [, , chunks, synchronous] = process.argv;
const bench = await openBench(
  fileURLToPath(import.meta.resolve("../jobs/noop.ts")),
  synchronous === "normal" ? "normal" : "full",
);

await bench.run("01WARMUP", [integers(WARM_UP)], 1);
const { ms, result } = await bench.run("01BENCH", [integers(Number(chunks))], 1);
report({
  figures: {
    ms,
    perSecond: (Number(chunks) / ms) * 1000,
    usPerChunk: (ms * 1000) / Number(chunks),
    peakMb: peakMb(),
  },
  answer: answerOf(Number(result), Number(chunks)),
});
await bench.close();
