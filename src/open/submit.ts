/** Starts a batch in this process: load the job, find the input, submit. */
import { join } from "node:path";
import { ulid } from "ulid";
import { itemsInput, jobInput } from "../batch/job-input.ts";
import type { JobInput } from "../batch/job-input.ts";
import { batchSpec } from "../batch/new-batch.ts";
import { readBatch, readSpec } from "../batch/spec.ts";
import { claimToken } from "../batch/submit.ts";
import { hasEnded } from "../core/records/batch/batch.ts";
import type { Fields } from "../core/records/record.ts";
import type { InputStream, SubmitOptions } from "../door/fanjoin.ts";
import { checkInputs } from "../find-inputs/check-inputs.ts";
import { givenInputs, isStream, pathOf } from "../find-inputs/given-input.ts";
import { keepStream } from "../find-inputs/kept-stream.ts";
import type { KeptStream } from "../find-inputs/kept-stream.ts";
import { areSmall, isSmallInput } from "../find-inputs/small-input.ts";
import { sourcesToRun } from "../find-inputs/run-sources.ts";
import type { Source } from "../input/reader.ts";
import { describeJobFile } from "../local/engine/describe-job-file.ts";
import type { Engine, JobDescription } from "../local/engine/engine.ts";
import { isOnS3 } from "../local/store/s3-inputs.ts";
import { checkOwnFiles, makeStateDirectory } from "../local/directory/files/own-files.ts";
import { submitPulled } from "./pulled/submit-pulled.ts";
import type { OpenDirectory } from "./batch/local-batch.ts";
import { jobFileAt, loadAgain, loadWithNotice } from "./load-job.ts";

export interface SubmittedBatch {
  readonly batch: string;
  readonly job: string;
  /** An earlier submission with the same token has ended: nothing runs. */
  readonly ended: boolean;
}

export async function submitHere(
  opened: OpenDirectory,
  job: string | URL,
  options: SubmitOptions,
): Promise<SubmittedBatch> {
  const { pulled } = options;
  if (pulled !== undefined)
    return submitPulled(opened, { file: jobFileAt(job), from: pulled, batch: ulid(), options });
  return new Submission(opened, jobFileAt(job), options).run();
}

class Submission {
  readonly #opened: OpenDirectory;
  readonly #file: string;
  readonly #options: SubmitOptions;
  /** The id of the batch, if it is a new one. */
  readonly #fresh = ulid();
  readonly #kept: KeptStream[] = [];

  constructor(opened: OpenDirectory, file: string, options: SubmitOptions) {
    this.#opened = opened;
    this.#file = file;
    this.#options = options;
  }

  async run(): Promise<SubmittedBatch> {
    try {
      return await this.#run();
    } finally {
      await Promise.all(this.#kept.map((kept) => kept.discard()));
    }
  }

  async #run(): Promise<SubmittedBatch> {
    const given = givenInputs(this.#options.input);
    if (given.some((input) => !isStream(input) && isOnS3(pathOf(input)))) {
      // Loaded here: other inputs do without the modules of a network.
      const { checkAwsEndpoint } = await import("../client/node/encrypted.ts");
      await checkAwsEndpoint("S3", this.#opened.insecure, process.env);
    }
    // The lock is taken after streams were read: their writer may need the directory until its own end.
    const read = given.some(isStream) ? await this.#sourcesOf(await this.#described(), given) : null;
    const engine = await this.#opened.engines.get();
    const job = await this.#loaded(engine, read === null ? isSmallInput(given) : areSmall(read));
    const sources = read ?? (await this.#sourcesOf(job, given));
    const input = this.#inputOf(engine, job, sources);
    const { batch, previous } = await this.#claimed(engine, job, input);
    this.#options.signal?.throwIfAborted();
    const ended = previous !== null && hasEnded(previous);
    this.#options.onSubmit?.();
    if (previous === null) await this.#submit(engine, job, batch, input);
    else if (!ended) await this.#goOn(engine, batch);
    return { batch, job: job.name, ended };
  }

  get #params(): NonNullable<SubmitOptions["params"]> | null {
    return this.#options.params ?? null;
  }

  #described(): Promise<JobDescription> {
    const { directory, onLog, onNotice } = this.#opened;
    const describe = { load: () => describeJobFile({ directory, onLog }, this.#file, this.#params) };
    return loadWithNotice({ engine: describe, file: this.#file, params: this.#params, onNotice });
  }

  #loaded(engine: Engine, onDemand: boolean): Promise<JobDescription> {
    const { onNotice } = this.#opened;
    return loadWithNotice({ engine, file: this.#file, params: this.#params, onNotice, onDemand });
  }

  /** Streams are read to their end. */
  async #sourcesOf(job: JobDescription, given: ReturnType<typeof givenInputs>): Promise<readonly Source[]> {
    const { kind, own } = job.input;
    const deep = kind === "files";
    const { onInputs, onJob, input, signal } = this.#options;
    onJob?.(job);
    const found = await sourcesToRun(given, {
      deep,
      problems: deep,
      say: (line) => this.#opened.onNotice(line, "left-out"),
    });
    const labels = found.map((source) => (isStream(source) ? source.name : source.label));
    checkInputs(
      { name: job.name, kind, own: own !== undefined },
      input && "items" in input ? ["items"] : labels,
    );
    onInputs?.(found.flatMap((source) => (isStream(source) ? [] : [{ ...source, url: source.name }])));
    const sources: Source[] = [];
    for (const source of found) sources.push(isStream(source) ? await this.#keep(source) : source);
    signal?.throwIfAborted();
    return sources;
  }

  async #keep(stream: InputStream): Promise<Source> {
    const { directory } = this.#opened;
    makeStateDirectory(directory);
    checkOwnFiles(directory);
    const name = `batches/${this.#fresh}/${this.#kept.length === 0 ? "stdin" : `stdin-${this.#kept.length}`}`;
    const kept = await keepStream(stream, join(directory, name));
    this.#kept.push(kept);
    return { name, label: stream.name, size: kept.bytes, version: kept.version };
  }

  #inputOf(engine: Engine, job: JobDescription, sources: readonly Source[]): JobInput {
    const { input, maxItems = null } = this.#options;
    const store = (...text: Parameters<Engine["storeInput"]>) => engine.storeInput(...text);
    if (input && "items" in input) return itemsInput(input.items, this.#params, store, maxItems);
    const prints = this.#kept.map(({ fingerprint }) => fingerprint).join(" ");
    return jobInput({
      job,
      sources,
      params: this.#params,
      store,
      maxItems,
      ...(prints === "" ? {} : { standardInput: prints }),
    });
  }

  /** The batch of the idempotency token, and its record if an earlier submission was made with it. */
  async #claimed(
    engine: Engine,
    job: JobDescription,
    input: JobInput,
  ): Promise<{ readonly batch: string; readonly previous: Fields | null }> {
    const { id } = this.#options;
    if (id === undefined) return { batch: this.#fresh, previous: null };
    const token = { job: job.name, id, input: await input.fingerprint() };
    const batch = await claimToken({ ledger: engine.ledger }, token, this.#fresh);
    return { batch, previous: await readBatch(engine.ledger, batch) };
  }

  async #submit(engine: Engine, job: JobDescription, batch: string, input: JobInput): Promise<void> {
    const { chunk } = this.#options;
    const chosen = {
      params: this.#params,
      chunkItems: chunk?.items ?? null,
      chunkBytes: chunk?.bytes ?? null,
    };
    const origin = { input: await input.forBatch(batch), createdAt: Date.now(), jobFile: job.file };
    // From here on the batch may be durable, and then it needs what was kept for it.
    this.#kept.length = 0;
    await engine.submit(batchSpec({ batch, job, options: chosen, ...origin }));
  }

  /** Continues the batch of an earlier submission, with the job file of this one. */
  async #goOn(engine: Engine, batch: string): Promise<void> {
    const { onNotice } = this.#opened;
    await loadAgain({ engine, spec: await readSpec(engine.ledger, batch), file: this.#file, onNotice });
    await engine.resume(batch);
  }
}
