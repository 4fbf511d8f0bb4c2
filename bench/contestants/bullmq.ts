/** BullMQ: `node bullmq.ts <children> <its node_modules>`: a flow of one parent and its children. */
import { openFlows } from "./bullmq-flow.ts";
import { peakMb, report } from "./outcome.ts";
import { answerOf, WARM_UP } from "./tasks.ts";

const [, , childrenText, modules = ""] = process.argv;
const children = Number(childrenText);
const flows = await openFlows(modules);
await flows.sumOf(WARM_UP);
const start = performance.now();
const answer = answerOf(await flows.sumOf(children), children);
const ms = performance.now() - start;
report({
  figures: { ms, perSecond: (children / ms) * 1000, usPerChunk: (ms * 1000) / children, peakMb: peakMb() },
  answer,
});
await flows.close();
process.exit();
