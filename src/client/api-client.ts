/** A client of the HTTP API, with one function for each request that the command line makes. */
import { FILE_PATHS } from "../batch/summary/files.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { isObject } from "../core/json/json.ts";
import type { Settings } from "../core/records/batch/settings.ts";
import type { ListBatches } from "../door/fanjoin.ts";
import type { Json, JsonObject } from "../core/json/json.ts";
import type { RedriveFilter } from "../core/failures/redrive-filter.ts";
import type { BatchSummary } from "../batch/summary/summary.ts";
import type { BatchFileName } from "../batch/summary/files.ts";
import { documentOf, notFanjoin, refusal, textOf } from "./http/answer.ts";
import { parseSummary } from "./parse-summary.ts";
import type { Base } from "./base.ts";
import type { HttpAnswer, HttpClient, OutgoingRequest } from "./http/http.ts";
import type { OutputOrder } from "../outputs/read-position.ts";
import { readyOutputs } from "./ready-outputs.ts";
import type { ReadyOutputs } from "./ready-outputs.ts";
import type { PulledPage } from "../door/fanjoin.ts";
import { pulledPage } from "./pulled-pages.ts";
import { signedUrl } from "./http/signed-url.ts";

/** Adds the credentials to a request. */
export type Sign = (request: OutgoingRequest) => Promise<OutgoingRequest>;

export interface Page {
  readonly batches: readonly BatchSummary[];
  readonly cursor: string | null;
}

export interface WantedPage extends ListBatches {
  /** Of batches whose ids begin so. */
  readonly batch: string;
  /** Of the page before; `null` for the first one. */
  readonly cursor: string | null;
}

/** The facts about a job that the command line needs. */
export interface RemoteJob {
  readonly name: string;
  /** The kind of its reader, such as `csv`. */
  readonly kind: string;
  /** The job brings its own input. */
  readonly own: boolean;
}

export interface UploadUrl {
  readonly url: URL;
  /** `s3://…` */
  readonly object: string;
}

export interface Submission {
  readonly input?: Json;
  readonly params: Json;
  /** The idempotency token: with it, the request can safely be sent twice. */
  readonly id: string;
  readonly chunk?: Json;
}

export interface ApiClient {
  readonly base: Base;
  /** Throws `BATCH_UNKNOWN`, like all functions that take a batch. */
  batch(batch: string): Promise<BatchSummary>;
  /** One page, newest first. */
  batches(wanted: WantedPage): Promise<Page>;
  /** Throws `JOB_UNKNOWN`. */
  job(name: string): Promise<RemoteJob>;
  jobNames(): Promise<readonly string[]>;
  submit(job: string, submission: Submission): Promise<BatchSummary>;
  cancel(batch: string): Promise<BatchSummary>;
  pause(batch: string): Promise<BatchSummary>;
  resume(batch: string): Promise<BatchSummary>;
  set(batch: string, settings: Settings): Promise<BatchSummary>;
  /** Does nothing if the batch was removed before. */
  remove(batch: string): Promise<void>;
  /** `null` if there is nothing to redrive. */
  redrive(batch: string, filter: RedriveFilter | null): Promise<BatchSummary | null>;
  read(batch: string, file: BatchFileName): AsyncIterable<Uint8Array>;
  /** A file of outputs by key. Throws `RESULT_UNKNOWN`. */
  readOutputFile(batch: string, file: string): AsyncIterable<Uint8Array>;
  /** A page of the outputs that are ready. Throws `RESULT_UNKNOWN` for a job that does not collect. */
  outputs(batch: string, after: string, order: OutputOrder | undefined): Promise<ReadyOutputs>;
  /** A page of chunks to pull. */
  chunks(
    batch: string,
    query: Record<string, string>,
  ): Promise<PulledPage & { readonly cursor: string | null }>;
  /** A signed URL for a file. Its upload does not start a batch. */
  upload(job: string, name: string): Promise<UploadUrl>;
  close(): void;
}

const PAGE = "100";
const NO_CONTENT = 204;

/** The signed URL of a large file, in place of a redirect: a browser would not show where that leads. */
const URL_TYPE = "text/uri-list";
const FILE_TYPES = `application/json, application/jsonl, ${URL_TYPE}`;

interface Call {
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  /** Otherwise a call with a body is a POST, one without a GET. */
  readonly method?: "DELETE" | "PATCH";
  readonly body?: object;
  /** In place of `application/json`. */
  readonly accept?: string;
  /** Whether it can safely be sent twice. One without a body always can. */
  readonly repeatable?: boolean;
}

export function apiClient(base: Base, sign: Sign, http: HttpClient): ApiClient {
  const to = base.url.href;

  const send = (call: Call): Promise<HttpAnswer> =>
    http.send({
      to,
      request: () => sign(requestOf(base, call)),
      repeatable: call.body === undefined || call.repeatable === true,
    });

  async function document(call: Call): Promise<JsonObject> {
    return documentOf(await send(call), base);
  }

  function sameBatch(batch: string, found: JsonObject): BatchSummary {
    const summary = parseSummary(found, base);
    if (summary.batch === batch) return summary;
    throw notFanjoin(base, `it answers with the batch ${summary.batch} in place of ${batch}`);
  }

  async function changed(batch: string, change: "cancel" | "pause" | "resume"): Promise<BatchSummary> {
    const path = ["batches", batch, change];
    return sameBatch(batch, await document({ path, body: {}, repeatable: true }));
  }

  return {
    base,
    batch: async (batch) => sameBatch(batch, await document({ path: ["batches", batch] })),
    async batches({ batch, job, state, cursor }) {
      const query = {
        limit: PAGE,
        ...(job === undefined ? {} : { job }),
        ...(state === undefined ? {} : { state }),
        ...(batch === "" ? {} : { batch }),
        ...(cursor === null ? {} : { cursor }),
      };
      const page = await document({ path: ["batches"], query });
      if (!Array.isArray(page["batches"])) throw notFanjoin(base, "its list of batches is missing");
      const next = page["cursor"];
      return {
        batches: page["batches"].map((entry) => parseSummary(entry, base)),
        cursor: typeof next === "string" ? next : null,
      };
    },
    async job(name) {
      const found = await document({ path: ["jobs", name] });
      const { reader } = found;
      const kind = isObject(reader) ? reader["kind"] : undefined;
      if (typeof kind !== "string") throw notFanjoin(base, "its description of the job is missing");
      return { name, kind, own: found["input"] === "own" };
    },
    async jobNames() {
      const { jobs } = await document({ path: ["jobs"] });
      if (!Array.isArray(jobs)) throw notFanjoin(base, "its list of jobs is missing");
      return jobs.flatMap((entry) =>
        isObject(entry) && typeof entry["job"] === "string" ? [entry["job"]] : [],
      );
    },
    async submit(job, submission) {
      const path = ["jobs", job, "batches"];
      return parseSummary(await document({ path, body: submission, repeatable: true }), base);
    },
    cancel: (batch) => changed(batch, "cancel"),
    pause: (batch) => changed(batch, "pause"),
    resume: (batch) => changed(batch, "resume"),
    async set(batch, settings) {
      const path = ["batches", batch];
      return sameBatch(batch, await document({ path, method: "PATCH", body: settings, repeatable: true }));
    },
    async remove(batch) {
      const answer = await send({ path: ["batches", batch], method: "DELETE" });
      if (answer.status === NO_CONTENT) return answer.discard();
      const refused: unknown = await documentOf(answer, base).catch((error: unknown) => error);
      // An earlier try may have removed it, whose answer was lost.
      if (isCode(refused, "BATCH_UNKNOWN")) return;
      throw refused instanceof Error ? refused : notFanjoin(base, `it answers ${answer.status} to a DELETE`);
    },
    async redrive(batch, filter) {
      const answer = await send({ path: ["batches", batch, "redrive"], body: filter ?? {} });
      const found = sameBatch(batch, await documentOf(answer, base));
      return answer.status === 202 ? found : null;
    },
    async *read(batch, file) {
      const answer = await send({ path: ["batches", batch, FILE_PATHS[file]], accept: FILE_TYPES });
      yield* bodyOf(await wholeFile(answer), base);
    },
    async *readOutputFile(batch, file) {
      const path = ["batches", batch, "outputs"];
      yield* bodyOf(await wholeFile(await send({ path, query: { file }, accept: FILE_TYPES })), base);
    },
    async outputs(batch, after, order) {
      const query = { after, ...(order ? { order } : {}) };
      return readyOutputs(await send({ path: ["batches", batch, "outputs"], query }), base);
    },
    async chunks(batch, query) {
      const found = await document({ path: ["batches", batch, "chunks"], query });
      if (found["batch"] !== batch) throw notFanjoin(base, `it answers with chunks of another batch`);
      return pulledPage(found, base, readSigned);
    },
    async upload(job, name) {
      const path = ["jobs", job, "uploads"];
      const { url, object } = await document({ path, body: { name, start: false }, repeatable: true });
      if (typeof url !== "string" || typeof object !== "string")
        throw notFanjoin(base, "its upload URL is missing");
      return { url: signedUrl(url, base), object };
    },
    close: () => http.close(),
  };

  async function* readSigned(url: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    const target = signedUrl(url, base);
    const headers = { range: `bytes=${start}-${end - 1}` };
    const request = async (): Promise<OutgoingRequest> => ({ method: "GET", url: target, headers });
    const answer = await http.send({ to: target.origin, request, repeatable: true });
    if (answer.status === 206) yield* answer.body;
    else throw await unreadRange(answer);
  }

  async function unreadRange(answer: HttpAnswer): Promise<FanjoinError> {
    answer.discard();
    const gone = "it is gone, or the stack may not read it any more";
    const why = answer.status === 404 || answer.status === 403 ? gone : `the answer is ${answer.status}`;
    return new FanjoinError("INPUT_NOT_FOUND", `a part of the input cannot be fetched: ${why}`);
  }

  /**
   * A large file is at a signed URL, which gets none of our credentials. A stack that was deployed earlier
   * redirects there.
   */
  async function wholeFile(answer: HttpAnswer): Promise<HttpAnswer> {
    const { status, headers, discard } = answer;
    if (status === 303) {
      discard();
      return signed(headers["location"] ?? "");
    }
    const isUrl = status === 200 && headers["content-type"]?.startsWith(URL_TYPE);
    return isUrl ? signed((await textOf(answer, base)).trim()) : answer;
  }

  function signed(text: string): Promise<HttpAnswer> {
    const url = signedUrl(text, base);
    const request = async (): Promise<OutgoingRequest> => ({ method: "GET", url, headers: {} });
    return http.send({ to: url.origin, request, repeatable: true });
  }
}

async function* bodyOf(answer: HttpAnswer, base: Base): AsyncGenerator<Uint8Array> {
  if (answer.status === 200) {
    yield* answer.body;
    return;
  }
  await documentOf(answer, base);
  throw refusal(answer, "", base);
}

function requestOf(base: Base, call: Call): OutgoingRequest {
  const { path, query = {}, method = "GET", body, accept = "application/json" } = call;
  const url = new URL(base.url);
  url.pathname = `${base.url.pathname.replace(/\/$/, "")}/${path.map(encodeURIComponent).join("/")}`;
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) url.searchParams.append(name, value);
  if (body === undefined) return { method, url, headers: { accept } };
  const headers = { accept, "content-type": "application/json" };
  return { method: call.method ?? "POST", url, headers, body: JSON.stringify(body) };
}

export function isCode(error: unknown, code: FanjoinError["code"]): error is FanjoinError {
  return error instanceof FanjoinError && error.code === code;
}
