/** What `pull` needs of a batch: its settings, its chunks, and where the bytes of each are. */
import { hasEnded } from "../../core/records/batch.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { planKey } from "../../core/records/plan.ts";
import type { Spool } from "../../core/records/message.ts";
import type { ChunkToPull, PullPage, StoredBytes, WantedChunks } from "../../batch/pulled/pull-page.ts";
import type { PulledBatch, PulledChunk, PulledSource } from "../../batch/pulled/pulled-chunk.ts";
import { parseSpec, readBatch, unknownBatch } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { readingOf } from "../../input/cut/spooled.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { ReadRequest, Source } from "../../input/reader.ts";
import { asText, textOf, textStore } from "../../input/unpack/source-text.ts";
import type { ObjectStore } from "../../ports.ts";
import { PlanReader } from "../planning/plan-reader.ts";
import type { SurveyPorts } from "../redriving/redrive-survey.ts";
import { ReadTree } from "./closed-tree.ts";

const MAX_CHUNKS = 20;
/** Leaves that one request looks at. */
const MAX_LEAVES = 1000;
const MAX_HEAD_BYTES = 64 * 1024;
/** How much of an unreadable part is shown as its raw text. */
const SHOWN_BYTES = 8 * 1024;
const TAIL_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Throws `BATCH_UNKNOWN`, `BATCH_NOT_READY` for a batch that runs, `REQUEST_INVALID` for a chunk that it does
 * not have or cannot be pulled, `RESULT_UNKNOWN` where its plan is not kept, `INPUT_CHANGED` and
 * `INPUT_NOT_FOUND`.
 */
export async function chunksToPull(
  ports: SurveyPorts,
  batch: string,
  wanted: WantedChunks,
): Promise<PullPage> {
  const fields = await readBatch(ports.ledger, batch);
  if (!fields) throw unknownBatch(batch);
  if (!hasEnded(fields)) throw refused("BATCH_NOT_READY", `batch ${batch} has not ended yet: pull it then`);
  const spec = parseSpec(batch, fields);
  const { reader } = spec.input;
  if (reader === "files" || spec.reproduces) {
    const why = spec.reproduces ? `reproduces batch ${spec.reproduces.batch}: pull that one` : FILES;
    throw refused("REQUEST_INVALID", `batch ${batch} ${why}`);
  }
  const tree = new ReadTree(ports, batch, fields);
  const { found, next } = await numbersOf(tree, batch, wanted);
  if (found.length > 0) await checkPlan(ports, batch);
  const plan = new PlanReader(ports.ledger, batch);
  const chunks: ChunkToPull[] = [];
  for (const chunk of found) chunks.push(await chunkToPull({ ports, spec, tree, plan }, chunk));
  const sources: PulledSource[] = [];
  for (const source of new Set(chunks.map((one) => one.source))) {
    const spooled = chunks.some((one) => one.source === source && one.spooled);
    sources.push(await sourceToPull(ports.store, spec, source, spooled));
  }
  return { of: pulledBatch(spec), sources, chunks, next };
}

/** A batch that succeeded wholly may have lost it. Throws `RESULT_UNKNOWN`. */
async function checkPlan({ ledger }: SurveyPorts, batch: string): Promise<void> {
  const [plan = null] = await ledger.read([planKey(batch, 0)]);
  if (plan !== null) return;
  throw refused(
    "RESULT_UNKNOWN",
    `all items of batch ${batch} succeeded, and where its chunks were is not kept after that: run its job on a part of the input`,
  );
}

const FILES = "has a job with files(), whose items are whole files: fetch those that failed, and run them";

function refused(code: FanjoinError["code"], message: string): FanjoinError {
  return new FanjoinError(code, message);
}

async function numbersOf(
  tree: ReadTree,
  batch: string,
  wanted: WantedChunks,
): Promise<{ readonly found: readonly number[]; readonly next: number | null }> {
  if ("failedFrom" in wanted)
    return tree.failed(wanted.failedFrom, { chunks: MAX_CHUNKS, leaves: MAX_LEAVES });
  const { chunk } = wanted;
  if (chunk < tree.chunks) return { found: [chunk], next: null };
  const there = tree.chunks === 0 ? "no chunk" : `the chunks 0 to ${tree.chunks - 1}`;
  throw refused("REQUEST_INVALID", `batch ${batch} has ${there}, and none with the number ${chunk}`);
}

function pulledBatch({ batch, job, params, input, concurrency = 1, code }: BatchSpec): PulledBatch {
  const { reader, options } = input;
  return { batch, job, params, reader, options, concurrency, code: code ?? null };
}

interface Pulling {
  readonly ports: SurveyPorts;
  readonly spec: BatchSpec;
  readonly tree: ReadTree;
  readonly plan: PlanReader;
}

async function chunkToPull({ ports, spec, tree, plan }: Pulling, chunk: number): Promise<ChunkToPull> {
  const { source: number, start, end, spool, crc } = await plan.chunk(chunk);
  const source = sourceOf(spec, number);
  const range = { source: number, start, end };
  const { stored, at } = await storedBytes(ports.store, spec, { source, range, spool, crc });
  return {
    chunk,
    ...range,
    spooled: spool !== undefined,
    before: await positionOf({ ports, spec, tree, plan }, chunk, { source, range, spool }),
    text: stored && { at, bytes: stored.end - stored.start },
    ...(spool?.damage === undefined ? {} : { damage: spool.damage }),
    stored,
  };
}

function sourceOf({ input }: BatchSpec, number: number): Source {
  const source = input.sources[number];
  if (source) return source;
  throw new RangeError(`the batch has no source ${number}`);
}

/** As the reader knows it, or else as the chunks before counted it. */
async function positionOf(
  { ports, spec, tree }: Pulling,
  chunk: number,
  { source, range, spool }: Omit<RangeToPull, "crc">,
): Promise<PulledChunk["before"]> {
  const { reader, options } = spec.input;
  const request = { source, range, options, store: ports.store };
  const reading = readingOf(readerKinds[reader], request, spool === undefined ? {} : { spool });
  const { items, lines } = (await reading.kind.origin(reading.request)) ?? (await tree.before(chunk));
  return { items, lines };
}

interface RangeToPull extends Pick<ReadRequest, "source" | "range"> {
  readonly spool: Spool | undefined;
  readonly crc: number | undefined;
}

/** The bytes that the reader of a range reads; `at`: their offset in the text of the source. */
async function storedBytes(
  store: ObjectStore,
  { input }: BatchSpec,
  { source, range, spool, crc }: RangeToPull,
): Promise<{ readonly stored: StoredBytes | null; readonly at: number }> {
  const { start, end } = range;
  const text = readerKinds[input.reader].text;
  if (text === undefined) return { stored: null, at: start };
  if (spool !== undefined) {
    const from = spool.offset + start - spool.base;
    const most = spool.damage === undefined ? end - start : Math.min(end - start, SHOWN_BYTES);
    const to = Math.min(from + most, spool.offset + spool.length);
    if (to <= from) return { stored: null, at: start };
    const sum = crc === undefined || spool.damage !== undefined ? {} : { crc };
    return { stored: { name: spool.name, start: from, end: to, ...sum }, at: start };
  }
  const { name, version } = source;
  const { anywhere } = text.format(input.options);
  // The byte before shows whether a record begins at `start`.
  const at = anywhere && start > 0 ? start - 1 : start;
  const to = anywhere ? await lineEnd(store, source, end) : end;
  return { stored: { name, version, start: at, end: to }, at };
}

/** The end of the line that the byte before `end` belongs to. */
async function lineEnd(store: ObjectStore, source: Source, end: number): Promise<number> {
  for (let from = end - 1, window = TAIL_BYTES; from < source.size; window *= 2) {
    const to = Math.min(source.size, from + window);
    for await (const block of store.read(source.name, from, to, source.version)) {
      const newline = block.indexOf(NEWLINE);
      if (newline >= 0) return from + newline + 1;
      from += block.length;
    }
    if (from < to) break;
  }
  return source.size;
}

async function sourceToPull(
  store: ObjectStore,
  spec: BatchSpec,
  number: number,
  spooled: boolean,
): Promise<PulledSource> {
  const source = sourceOf(spec, number);
  const { label, size } = source;
  const head = await headOf(store, spec, source, spooled);
  return { source: number, label, size, head: head.toString("base64") };
}

/** The bytes before the first record, such as a header. */
async function headOf(
  store: ObjectStore,
  { input: { reader, options } }: BatchSpec,
  source: Source,
  spooled: boolean,
): Promise<Buffer> {
  const { text } = readerKinds[reader];
  if (text === undefined || text.convert !== undefined || source.name === "") return Buffer.alloc(0);
  const whole = { source, options, store, text };
  const reading = spooled ? textStore(whole, () => textOf(whole), null) : store;
  const end = await text.format(options).firstRecord(spooled ? asText(source) : source, reading);
  if (end > MAX_HEAD_BYTES && end < source.size)
    throw refused(
      "REQUEST_INVALID",
      `${source.label}: its header has ${end} bytes, and pull brings at most ${MAX_HEAD_BYTES}`,
    );
  const blocks = await Array.fromAsync(reading.read(source.name, 0, end, source.version));
  return Buffer.concat(blocks);
}
