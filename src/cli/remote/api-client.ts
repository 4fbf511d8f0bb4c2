/** The HTTP API as functions: one for each request that the command line makes. */
import { HttpRequest } from "@smithy/protocol-http";
import { FanjoinError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { FILE_PATHS } from "../../api/handlers/batch-summary.ts";
import type { RedriveFilter } from "../../core/redrive-filter.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { BatchFileName } from "../../batch/files.ts";
import { documentOf, notFanjoin, refusal } from "./answer.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Base } from "./base-url.ts";
import { API_LIMITS, httpClient } from "./http-client.ts";
import type { HttpAnswer, HttpLimits } from "./http-client.ts";
import type { Sign } from "./sign.ts";

export interface Page {
  readonly batches: readonly BatchSummary[];
  readonly cursor: string | null;
}

/** A job as far as the command line has to know it. */
export interface RemoteJob {
  readonly name: string;
  /** Its reader. */
  readonly kind: string;
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
  /** The same one makes the same batch, so a request may be sent twice. */
  readonly id: string;
  readonly chunk?: Json;
}

export interface ApiClient {
  readonly base: Base;
  /** Throws `BATCH_UNKNOWN`, as all that take a batch. */
  batch(batch: string): Promise<BatchSummary>;
  /** The newest first; those whose ids begin with `beginning`. */
  batches(beginning: string, cursor: string | null): Promise<Page>;
  /** Throws `JOB_UNKNOWN`. */
  job(name: string): Promise<RemoteJob>;
  jobNames(): Promise<readonly string[]>;
  submit(job: string, submission: Submission): Promise<BatchSummary>;
  cancel(batch: string): Promise<BatchSummary>;
  /** `null` if there is nothing to redrive. */
  redrive(batch: string, filter: RedriveFilter | null): Promise<BatchSummary | null>;
  read(batch: string, file: BatchFileName): AsyncIterable<Uint8Array>;
  /** Where a file may be put, so that it is an input which starts nothing yet. */
  upload(job: string, name: string): Promise<UploadUrl>;
  close(): void;
}

const PAGE = "100";

interface Call {
  readonly path: readonly string[];
  readonly query?: Record<string, string>;
  /** With one it is a POST. */
  readonly body?: object;
  /** Whether it may be sent twice; a GET may. */
  readonly repeatable?: boolean;
}

export function apiClient(base: Base, sign: Sign, limits: HttpLimits = API_LIMITS): ApiClient {
  const http = httpClient(limits);
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

  async function summary(call: Call): Promise<BatchSummary> {
    return parseSummary(await document(call), base);
  }

  return {
    base,
    batch: (batch) => summary({ path: ["batches", batch] }),
    async batches(beginning, cursor) {
      const query = {
        limit: PAGE,
        ...(beginning === "" ? {} : { batch: beginning }),
        ...(cursor === null ? {} : { cursor }),
      };
      const page = await document({ path: ["batches"], query });
      if (!Array.isArray(page["batches"])) throw notFanjoin(base, "it lists no batches");
      const next = page["cursor"];
      return {
        batches: page["batches"].map((one) => parseSummary(one as JsonObject, base)),
        cursor: typeof next === "string" ? next : null,
      };
    },
    async job(name) {
      const found = await document({ path: ["jobs", name] });
      const { kind } = (found["reader"] ?? {}) as { kind?: Json };
      if (typeof kind !== "string") throw notFanjoin(base, "it describes no job");
      return { name, kind, own: found["input"] === "own" };
    },
    async jobNames() {
      const { jobs } = await document({ path: ["jobs"] });
      return Array.isArray(jobs) ? jobs.map((one) => (one as { job: string }).job) : [];
    },
    submit: (job, submission) =>
      summary({ path: ["jobs", job, "batches"], body: submission, repeatable: true }),
    cancel: (batch) => summary({ path: ["batches", batch, "cancel"], body: {}, repeatable: true }),
    async redrive(batch, filter) {
      const answer = await send({ path: ["batches", batch, "redrive"], body: filter ?? {} });
      const found = parseSummary(await documentOf(answer, base), base);
      return answer.status === 202 ? found : null;
    },
    async *read(batch, file) {
      const answer = await send({ path: ["batches", batch, FILE_PATHS[file]] });
      yield* bodyOf(answer.status === 303 ? await elsewhere(answer) : answer, base);
    },
    async upload(job, name) {
      const path = ["jobs", job, "uploads"];
      const { url, object } = await document({ path, body: { name, start: false }, repeatable: true });
      const parsed = typeof url === "string" ? URL.parse(url) : null;
      if (!parsed || typeof object !== "string") throw notFanjoin(base, "it gives no URL to upload to");
      return { url: parsed, object };
    },
    close: () => http.close(),
  };

  /** A signed URL, which is all that its server wants to see. */
  async function elsewhere({ headers, body }: HttpAnswer): Promise<HttpAnswer> {
    body.destroy();
    const url = URL.parse(headers["location"] ?? "", base.url.href);
    if (!url || !/^https?:$/.test(url.protocol)) throw notFanjoin(base, "it redirects to nowhere");
    const request = async (): Promise<HttpRequest> => toUrl(url, "GET");
    return http.send({ to: url.origin, request, repeatable: true });
  }
}

async function* bodyOf(answer: HttpAnswer, base: Base): AsyncGenerator<Uint8Array> {
  if (answer.status === 200) {
    yield* answer.body as AsyncIterable<Uint8Array>;
    return;
  }
  await documentOf(answer, base);
  throw refusal(answer, "", base);
}

function requestOf(base: Base, { path, query = {}, body }: Call): HttpRequest {
  const request = toUrl(base.url, body === undefined ? "GET" : "POST");
  request.path = `${base.url.pathname.replace(/\/$/, "")}/${path.map(encodeURIComponent).join("/")}`;
  request.query = query;
  request.headers["accept"] = "application/json";
  if (body === undefined) return request;
  request.body = JSON.stringify(body);
  request.headers["content-type"] = "application/json";
  request.headers["content-length"] = String(Buffer.byteLength(String(request.body)));
  return request;
}

/** As it stands: a signed URL is not encoded anew. */
export function toUrl(url: URL, method: string): HttpRequest {
  return new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host },
  });
}

function parseSummary(given: JsonObject, base: Base): BatchSummary {
  const { batch, job, state, items, chunks } = given ?? {};
  const named = [batch, job, state].every((one) => typeof one === "string");
  if (named && typeof items === "object" && typeof chunks === "object")
    return given as unknown as BatchSummary;
  throw notFanjoin(base, "it tells of no batch");
}

/** Throws what another error is. */
export function isCode(error: unknown, code: FanjoinError["code"]): error is FanjoinError {
  return error instanceof FanjoinError && error.code === code;
}
