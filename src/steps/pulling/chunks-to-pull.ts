/** What `pull` needs of a batch: its settings, its chunks, and where the bytes of each are. */
import { hasEnded } from "../../core/records/batch/batch.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { planKey } from "../../core/records/plan.ts";
import { MOST_SOURCES } from "../../core/records/source-run.ts";
import type { Spool } from "../../core/records/message.ts";
import type { ChunkToPull, PullPage, StoredBytes, WantedChunks } from "../../batch/pulled/pull-page.ts";
import type { PulledBatch, PulledChunk, PulledSource } from "../../batch/pulled/pulled-chunk.ts";
import type { PulledText } from "../../core/records/pulled-text.ts";
import { sourcesOf } from "../../batch/sources.ts";
import { parseSpec, readBatch, unknownBatch } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { readingOf } from "../../input/cut/spooled.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { ByteRange, ReaderName, ReadRequest, Source } from "../../input/reader.ts";
import type { Sources } from "../../input/sources/sources.ts";
import { isUnreadable } from "../../input/unpack/damage.ts";
import { asText, textOf, textStore } from "../../input/unpack/source-text.ts";
import type { ObjectStore } from "../../ports.ts";
import { PlanReader } from "../planning/plan-reader.ts";
import type { SurveyPorts } from "../redriving/survey-layers.ts";
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
  const why = spec.reproduces
    ? `reproduces batch ${spec.reproduces.batch}: pull that one`
    : NOT_PULLED[reader];
  if (why !== undefined) throw refused("REQUEST_INVALID", `batch ${batch} ${why}`);
  const tree = new ReadTree(ports, batch, fields);
  const { found, next: behind } = await numbersOf(tree, batch, wanted);
  if (found.length > 0) await checkPlan(ports, batch);
  const plan = new PlanReader(ports.ledger, batch);
  const chunks: ChunkToPull[] = [];
  const pulling = { ports, spec, tree, plan, sources: sourcesOf(spec.input, ports.store) };
  let next = behind;
  for (const chunk of found) {
    const some = await chunksOf(pulling, chunk);
    if (chunks.length > 0 && chunks.length + some.length > MOST_SOURCES) {
      next = chunk;
      break;
    }
    chunks.push(...some);
  }
  const sources: PulledSource[] = [];
  for (const [source, ofSource] of Map.groupBy(chunks, (one) => one.source)) {
    const spooled = ofSource.some((one) => one.spooled);
    const needsHead = ofSource.some((one) => !one.whole);
    sources.push(await sourceToPull(pulling, source, { spooled, needsHead }));
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

const NOT_PULLED: { readonly [reader in ReaderName]?: string } = {
  files: "has a job with files(), whose items are whole files: fetch those that failed, and run them",
};

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
  readonly sources: Sources;
}

/** One, or the sources that the chunk has. */
async function chunksOf(pulling: Pulling, chunk: number): Promise<ChunkToPull[]> {
  const planned = await pulling.plan.chunk(chunk);
  const { source: first, run } = planned;
  if (run === undefined) return [await chunkToPull(pulling, chunk, planned)];
  const chunks: ChunkToPull[] = [];
  for (let source = first; source < first + run.sources; source++)
    chunks.push(wholeSource(chunk, source, await sourceIn(pulling, source)));
  return chunks;
}

function wholeSource(chunk: number, number: number, { name, version, size }: Source): ChunkToPull {
  return {
    chunk,
    source: number,
    start: 0,
    end: size,
    spooled: false,
    before: { items: 0, lines: 0 },
    text: size === 0 ? null : { at: 0, bytes: size },
    stored: size === 0 ? null : { name, version, ranges: [{ start: 0, end: size }] },
    whole: true,
  };
}

async function sourceIn({ sources }: Pulling, number: number): Promise<Source> {
  const source = await sources.at(number);
  if (source) return source;
  throw new RangeError(`the batch has no source ${number}`);
}

async function chunkToPull(
  pulling: Pulling,
  chunk: number,
  planned: Awaited<ReturnType<PlanReader["chunk"]>>,
): Promise<ChunkToPull> {
  const { ports, spec } = pulling;
  const { source: number, start, end, spool, crc } = planned;
  const source = await sourceIn(pulling, number);
  const range = { source: number, start, end };
  const { stored, text } = await storedBytes(ports.store, spec, { source, range, spool, crc });
  return {
    chunk,
    ...range,
    spooled: spool !== undefined,
    before: await positionOf(pulling, chunk, { source, range, spool }),
    text,
    ...(spool?.damage === undefined ? {} : { damage: spool.damage }),
    stored,
  };
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

interface BytesToPull {
  readonly stored: StoredBytes | null;
  readonly text: PulledText | null;
}

const NO_BYTES: BytesToPull = { stored: null, text: null };

/** The bytes that the reader of a range reads, and where they are in the text of the source. */
async function storedBytes(
  store: ObjectStore,
  { input }: BatchSpec,
  { source, range, spool, crc }: RangeToPull,
): Promise<BytesToPull> {
  const { start, end } = range;
  const kind = readerKinds[input.reader];
  const { text } = kind;
  if (text === undefined) {
    if (spool?.damage !== undefined) return NO_BYTES;
    const ranges = await kind.neededBytes?.({ source, range, options: input.options, store });
    return ranges === undefined ? NO_BYTES : inRanges(source, ranges);
  }
  if (spool !== undefined) {
    const from = spool.offset + start - spool.base;
    const most = spool.damage === undefined ? end - start : Math.min(end - start, SHOWN_BYTES);
    const to = Math.min(from + most, spool.offset + spool.length);
    if (to <= from) return NO_BYTES;
    const sum = crc === undefined || spool.damage !== undefined ? {} : { crc };
    const stored = { name: spool.name, ranges: [{ start: from, end: to }], ...sum };
    return { stored, text: { at: start, bytes: to - from } };
  }
  const { name, version } = source;
  const { anywhere } = text.format(input.options);
  // The byte before shows whether a record begins at `start`.
  const at = anywhere && start > 0 ? start - 1 : start;
  const to = anywhere ? await lineEnd(store, source, end) : end;
  return {
    stored: { name, version, ranges: [{ start: at, end: to }] },
    text: { at, bytes: to - at },
  };
}

function inRanges({ name, version }: Source, ranges: readonly ByteRange[]): BytesToPull {
  const pieces = ranges.map(({ start, end }) => ({ at: start, bytes: end - start }));
  return { stored: { name, version, ranges }, text: { pieces } };
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
  pulling: Pulling,
  number: number,
  { spooled, needsHead }: { readonly spooled: boolean; readonly needsHead: boolean },
): Promise<PulledSource> {
  const { ports, spec } = pulling;
  const source = await sourceIn(pulling, number);
  const { label, size } = source;
  const head = needsHead
    ? await headOf(ports.store, spec, source, spooled).catch(noHeadIfUnreadable)
    : Buffer.alloc(0);
  return { source: number, label, size, head: head.toString("base64") };
}

/** Of a source that cannot be read at all, the only item is the reason, which needs no header. */
function noHeadIfUnreadable(thrown: unknown): Buffer {
  if (isUnreadable(thrown)) return Buffer.alloc(0);
  throw thrown;
}

/** Such a file shows by its first bytes what it is. */
const MAGIC_BYTES = 4;

/** The bytes before the first record, such as a header. */
async function headOf(
  store: ObjectStore,
  { input: { reader, options } }: BatchSpec,
  source: Source,
  spooled: boolean,
): Promise<Buffer> {
  const kind = readerKinds[reader];
  const { text } = kind;
  // The read also shows whether the file has changed: what is needed of it may be remembered.
  if (kind.neededBytes !== undefined)
    return Buffer.concat(await Array.fromAsync(store.read(source.name, 0, MAGIC_BYTES, source.version)));
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
