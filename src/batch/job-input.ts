/** Turns the sources of a submission, or the input that a job brings itself, into the input of a batch. */
import type { Json } from "../core/json/json.ts";
import { sourceList } from "../input/sources/source-list.ts";
import type { ReaderName, Source } from "../input/reader.ts";
import { identityOf } from "../input/sources/source-version.ts";
import { readerKinds } from "../input/kinds.ts";
import { isMeasured } from "../input/unpack/source-text.ts";
import { fitIntoRecord } from "./sources.ts";
import type { BatchInput, NamedObjects, StoredList } from "./spec.ts";
import type { DescribedJob } from "../job/describe-job.ts";
import type { Ports } from "../ports.ts";

/** Text in the store that is the input of a batch. `name` goes into `Source.name`, `bytes` is the size. */
export interface StoredInput {
  readonly name: string;
  readonly bytes: number;
  readonly version: string;
}

/** Puts text into the store as the input of a batch: inline items, or a list of files. */
export type StoreInput = (batch: string, text: string) => Promise<StoredInput>;

/**
 * Writes an input under a new name. Two requests with one idempotency token may write the same batch's input
 * at the same time, and neither may change what the other wrote.
 */
export async function storeInput(
  { store, newTag }: Pick<Ports, "store" | "newTag">,
  batch: string,
  text: string,
): Promise<StoredInput> {
  const name = `batches/${batch}/input-${newTag()}.jsonl`;
  await store.compose(name, only({ text }));
  const stat = await store.stat(name);
  if (!stat) throw new Error(`the input ${name} was written, but the store does not have it`);
  return { name, ...stat };
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** The input of a batch that is to be submitted. */
export interface JobInput {
  /** Makes the input for one batch. Some inputs are stored under the batch's id. */
  readonly forBatch: (batch: string) => Promise<BatchInput>;
  /** Equal inputs with equal params have equal fingerprints. */
  readonly fingerprint: () => Promise<string>;
}

/** What the input of a batch is made of. */
export interface InputParts {
  readonly job: DescribedJob;
  /** The sources of the submission. Ignored if the job brings its own input. */
  readonly sources: readonly Source[];
  /** In their place: objects that the coordinator lists. */
  readonly from?: NamedObjects | undefined;
  readonly params: Json;
  readonly store: StoreInput;
  /** The fingerprint of standard input and other streams, if there were any among the sources. */
  readonly standardInput?: string | null | undefined;
  /** Only the first so many items are run; `null`: all of them. */
  readonly maxItems?: number | null | undefined;
}

export function jobInput(parts: InputParts): JobInput {
  const { job, params, store, from, maxItems = null } = parts;
  const { kind, own } = job.input;
  if (from !== undefined) return namedInput(parts, from);
  if (kind === "files") {
    return { ...sourcesInput(parts), forBatch: (batch) => fileListInput(parts, batch) };
  }
  if (!own) return sourcesInput(parts);
  if ("items" in own) return itemsInput(own.items, params, store, maxItems);
  const source =
    "from" in own
      ? { name: "", label: "range", size: own.to - own.from, version: "" }
      : { name: "", label: "generator", size: 0, version: "" };
  return sourcesInput({ ...parts, sources: [source] });
}

/** Standard input, and other streams of a program. */
const KEPT_STREAM = /^batches\/[^/]+\/stdin(-\d+)?$/;

function sourcesInput(parts: InputParts): JobInput {
  const { job, sources, params, standardInput = null, maxItems = null } = parts;
  const { kind: reader, options } = job.input;
  // A stream is kept in a new file for every batch, so the name of that file says nothing.
  const identities = sources.map(({ name, label, version }) =>
    label === "-" || KEPT_STREAM.test(name)
      ? { name: label, version: standardInput }
      : { name, version: identityOf(version) },
  );
  return {
    forBatch: async (batch) => {
      const kept = fitIntoRecord(sources) ? { sources } : { sources: [], list: await stored(parts, batch) };
      return { reader, options, ...kept, ...runsOf(reader, sources.length), ...limitTo(maxItems) };
    },
    fingerprint: () => fingerprintOf({ reader, options, params, sources: identities, ...limitTo(maxItems) }),
  };
}

/** Nothing where there is nothing to put together. */
export function runsOf(reader: ReaderName, sources: number): Pick<BatchInput, "runs"> {
  return sources > 1 && readerKinds[reader].text !== undefined ? { runs: true } : {};
}

/** Many sources, as an object of the batch. */
async function stored({ job, sources, store }: InputParts, batch: string): Promise<StoredList> {
  const { kind, options } = job.input;
  const { name, version } = await store(batch, sourceList(sources));
  return {
    name,
    version,
    count: sources.length,
    bytes: sources.reduce((sum, { size }) => sum + size, 0),
    lastBytes: sources.at(-1)?.size ?? 0,
    measured: sources.every((source) => isMeasured(readerKinds[kind], source, options)),
  };
}

/** What the objects are is not known yet: the same prefix is the same input. */
function namedInput({ job, params, maxItems = null }: InputParts, from: NamedObjects): JobInput {
  const { kind: reader, options } = job.input;
  const named =
    "prefix" in from
      ? from
      : { manifest: { name: from.manifest.name, version: identityOf(from.manifest.version) } };
  return {
    forBatch: async () => ({ reader, options, sources: [], from, ...limitTo(maxItems) }),
    fingerprint: () => fingerprintOf({ reader, options, params, ...named, ...limitTo(maxItems) }),
  };
}

/** Nothing without a limit: then fingerprints are those of earlier versions. */
function limitTo(maxItems: number | null): Pick<BatchInput, "maxItems"> {
  return maxItems === null ? {} : { maxItems };
}

/** Inline items are stored as JSON lines. They are read as items, whatever the job's own reader is. */
export function itemsInput(
  items: readonly unknown[],
  params: Json,
  store: StoreInput,
  maxItems: number | null = null,
): JobInput {
  const reading = { reader: "items", options: {} } as const;
  const text = itemLines(items);
  return {
    async forBatch(batch) {
      const { name, bytes, version } = await store(batch, text);
      const source = { name, label: "items", size: bytes, version };
      return { ...reading, sources: [source], ...limitTo(maxItems) };
    },
    fingerprint: () => fingerprintOf({ ...reading, params, text, ...limitTo(maxItems) }),
  };
}

function itemLines(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item ?? null)}\n`).join("");
}

/** However many files there are, the batch has one source: a list of them. */
async function fileListInput(
  { job, sources, store, maxItems = null }: InputParts,
  batch: string,
): Promise<BatchInput> {
  const { kind: reader, options } = job.input;
  const { name, version } = await store(batch, sourceList(sources));
  const list = { name, label: "files", size: sources.length, version };
  return { reader, options, sources: [list], ...limitTo(maxItems) };
}

/** The SHA-256 of the content's JSON text, in base64url. */
export async function fingerprintOf(content: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("base64url");
}
