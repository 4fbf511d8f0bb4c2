/** An estimate as text for people. */
import type { Estimate } from "../../open/open.ts";
import { count, counted, dollars, duration } from "../../format.ts";
import { escapeLine } from "./escape.ts";

export function estimateText({ job, sample, items, chunks, cost, ...report }: Estimate): string {
  const { usd, parts } = cost;
  const of = items === null ? "its sample" : `about ${counted(items, "item")}`;
  const failed = sample.failed === 0 ? "" : `, ${count(sample.failed)} failed`;
  return `${[
    `${escapeLine(job)}: ${of} would cost about ${dollars(usd)} on AWS`,
    `  time      ${dollars(parts.compute)}  ${count(Math.ceil(report.gbSeconds))} GB-seconds, with ${count(report.memoryMb)} MB`,
    `  requests  ${dollars(parts.requests)}  ${counted(chunks, "chunk")}`,
    `  sample    ${counted(sample.items, "item")} in ${duration(sample.seconds)} of work on this machine${failed}`,
    ...(items === null ? ["  how large the input is shows only when all of it is read"] : []),
    `  prices of us-east-1, ${report.pricesOf}, without free tiers, logs and storage`,
  ].join("\n")}\n`;
}
