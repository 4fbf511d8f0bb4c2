/** Starts a batch that runs pulled chunks of another one again. */
import { join } from "node:path";
import type { Reproduction } from "../../batch/pulled/pulled-chunk.ts";
import { bytesOfText } from "../../core/records/pulled-text.ts";
import { batchSpec } from "../../batch/new-batch.ts";
import { FanjoinError, usage } from "../../core/errors/errors.ts";
import type { SubmitOptions } from "../../door/fanjoin.ts";
import { keepStream } from "../../find-inputs/kept-stream.ts";
import type { Source } from "../../input/reader.ts";
import { checkOwnFiles, makeStateDirectory } from "../../local/directory/files/own-files.ts";
import type { JobDescription } from "../../local/engine/engine.ts";
import { loadWithNotice } from "../load-job.ts";
import type { OpenDirectory } from "../batch/local-batch.ts";
import type { SubmittedBatch } from "../submit.ts";
import type { Pulled } from "./pulled-format.ts";
import { readPulled, textOfSource } from "./read-pulled.ts";

/** A job file, and the pulled directory that it runs. */
export interface PulledRun {
  readonly file: string;
  readonly from: string;
  /** The id of the new batch. */
  readonly batch: string;
  readonly options: SubmitOptions;
}

/** Throws `USAGE` for options that do not go together, `INPUT_INVALID` and `JOB_INVALID`. */
export async function submitPulled(
  opened: OpenDirectory,
  { file, from, batch, options }: PulledRun,
): Promise<SubmittedBatch> {
  checkAlone(options);
  const pulled = readPulled(from);
  const engine = await opened.engines.get();
  const { onNotice, directory } = opened;
  const { params } = pulled;
  const job = await loadWithNotice({ engine, file, params, onNotice });
  checkJob(job, pulled);
  for (const line of differences(job, pulled)) onNotice(line, "code");
  options.signal?.throwIfAborted();
  const { sources, reproduces } = await kept(directory, { from, pulled, batch });
  options.onSubmit?.();
  const input = { reader: pulled.reader, options: pulled.options, sources };
  const chosen = { params, chunkItems: null, chunkBytes: null };
  const spec = batchSpec({ batch, job, input, options: chosen, createdAt: Date.now(), jobFile: job.file });
  await engine.submit({ ...spec, reproduces });
  return { batch, job: job.name, ended: false };
}

function checkAlone({ input, params, id, chunk, maxItems }: SubmitOptions): void {
  const isGiven = input !== undefined && ("items" in input || input.length > 0);
  if (isGiven) throw usage("a pulled directory brings its own input: leave out the other inputs");
  const others = { params: params ?? undefined, id, "chunk size": chunk?.items ?? chunk?.bytes, maxItems };
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) throw usage(`a pulled directory brings its own settings: leave out the ${name}`);
}

function checkJob({ name, file }: JobDescription, { job, batch }: Pulled): void {
  if (name === job) return;
  throw new FanjoinError(
    "JOB_INVALID",
    `the job file ${file} has the job ${name}, but batch ${batch} is one of the job ${job}: name that job's file`,
  );
}

/** Sentences about what is not as it was. */
function differences({ file, code, input }: JobDescription, pulled: Pulled): string[] {
  const { batch, reader, options } = pulled;
  const lines: string[] = [];
  if (pulled.code === null) lines.push(`it is not known which code batch ${batch} ran: no hash was recorded`);
  else if (code !== pulled.code)
    lines.push(
      `the code here is not the code that batch ${batch} was submitted with: ${file}, or a file that it imports, differs`,
    );
  const isInline = reader === "items";
  if (!isInline && JSON.stringify([input.kind, input.options]) !== JSON.stringify([reader, options]))
    lines.push(
      `the items are read as batch ${batch} read them: the job here has another reader, or other options`,
    );
  return lines;
}

interface Keeping {
  readonly from: string;
  readonly pulled: Pulled;
  readonly batch: string;
}

/** Copies the text of each source into a file of the new batch, so that it can be resumed. */
async function kept(
  directory: string,
  { from, pulled, batch }: Keeping,
): Promise<{ readonly sources: readonly Source[]; readonly reproduces: Reproduction }> {
  makeStateDirectory(directory);
  checkOwnFiles(directory);
  const sources: Source[] = [];
  for (const [number, { source, label }] of pulled.sources.entries()) {
    const own = pulled.chunks.filter((chunk) => chunk.source === source);
    const size = own.reduce((sum, { start, end }) => sum + end - start, 0);
    const name = `batches/${batch}/pulled-${number}`;
    // Empty for a range. An older fanjoin knows no such name: it refuses the batch, and does not misread it.
    const bytes = textOfSource(from, pulled, source);
    const { version } = await keepStream({ name: from, bytes }, join(directory, name));
    sources.push({ name, label, size, version });
  }
  return { sources, reproduces: { batch: pulled.batch, sources: pulled.sources, chunks: placed(pulled) } };
}

/** With the offset of each chunk's text in the file of its source. */
function placed({ chunks }: Pulled): Reproduction["chunks"] {
  const ends = new Map<number, number>();
  return chunks.map((chunk) => {
    const offset = ends.get(chunk.source) ?? 0;
    ends.set(chunk.source, offset + bytesOfText(chunk.text));
    return { ...chunk, offset };
  });
}
