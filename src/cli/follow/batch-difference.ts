/** Compares two batches of one job over one input. */
import { isDeepStrictEqual } from "node:util";
import type { BatchFileName } from "../../batch/summary/files.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { Batch } from "../../door/fanjoin.ts";
import { lastingFailure, parseFailedLine } from "../../core/failures/failed-line.ts";
import { linesOf } from "../../lines-of.ts";

const MAX_SHOWN = 200;

/** A batch that has ended, and its files. */
export interface EndedRun extends Pick<Batch, "read"> {
  readonly summary: BatchSummary;
}

/** In words, what differs first; `null` if nothing does. The chunk of a failed item may differ. */
export async function batchDifference(plain: EndedRun, other: EndedRun): Promise<string | null> {
  if (plain.summary.state !== other.summary.state) {
    return `it is ${stateText(other.summary)}, and plainly ${stateText(plain.summary)}`;
  }
  const files = async (file: BatchFileName, parse: (line: string) => unknown): Promise<string | null> =>
    firstDifference(file, [plain.read(file), other.read(file)], parse);
  return (
    (await resultDifference(plain, other)) ??
    (await files("outputs.jsonl", (line) => JSON.parse(line) as unknown)) ??
    (await files("failed.jsonl", (line) => lastingFailure(parseFailedLine(line)))) ??
    countDifference(plain.summary, other.summary)
  );
}

function stateText({ state, error }: BatchSummary): string {
  return error === null ? state : `${state} (${error.code}: ${error.message})`;
}

function countDifference({ items: plain }: BatchSummary, { items: other }: BatchSummary): string | null {
  if (isDeepStrictEqual(plain, other)) return null;
  return `${other.succeeded} items succeeded, and plainly ${plain.succeeded}`;
}

/** Keys may be in another order: JSON gives that no meaning. */
async function resultDifference(plain: EndedRun, other: EndedRun): Promise<string | null> {
  if (plain.summary.result === null || other.summary.result === null) return null;
  const [one, two] = [await textOf(plain), await textOf(other)];
  if (one === two || isDeepStrictEqual(JSON.parse(one), JSON.parse(two))) return null;
  return `result.json is ${shown(two)}, and plainly ${shown(one)}`;
}

async function textOf({ read }: EndedRun): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of read("result.json")) blocks.push(block);
  return Buffer.concat(blocks).toString("utf8");
}

/** Line by line: outputs may be longer than memory. */
async function firstDifference(
  file: BatchFileName,
  [plain, other]: readonly [AsyncIterable<Uint8Array>, AsyncIterable<Uint8Array>],
  parse: (line: string) => unknown,
): Promise<string | null> {
  const [ones, twos] = [linesOf(plain), linesOf(other)];
  for (let number = 1; ; number++) {
    const [one, two] = [await nextOf(ones), await nextOf(twos)];
    if (one === undefined && two === undefined) return null;
    if (one === two) continue;
    if (one === undefined || two === undefined || !isDeepStrictEqual(parse(one), parse(two))) {
      return `line ${number} of ${file} is ${shown(two)}, and plainly ${shown(one)}`;
    }
  }
}

async function nextOf(lines: AsyncGenerator<string>): Promise<string | undefined> {
  const next = await lines.next();
  return next.done === true ? undefined : next.value;
}

function shown(text: string | undefined): string {
  if (text === undefined) return "missing";
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}
