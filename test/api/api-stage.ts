/**
 * The API over a job on in-memory ports: a test sends requests and runs batches by hand. Every answer is
 * compared with the OpenAPI description.
 */
import { FanjoinError } from "../../src/core/errors/errors.ts";
import type { Job } from "../../src/job/job.ts";
import { api } from "../../src/api/handle-request.ts";
import type { ApiHost } from "../../src/api/host.ts";
import type { ApiRequest, ApiResponse } from "../../src/api/http.ts";
import { answerDescribe } from "../../src/job/describe-job.ts";
import { storeInput } from "../../src/batch/job-input.ts";
import { remove } from "../../src/batch/steering/remove.ts";
import { setSettings } from "../../src/batch/steering/settings.ts";
import { NO_PACE } from "../../src/batch/summary/pace.ts";
import { pause, resume } from "../../src/batch/steering/pausing.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { chunksToPull } from "../../src/steps/pulling/chunks-to-pull.ts";
import { cancel, submit } from "../../src/batch/submit.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { objectsIn } from "../memory/objects.ts";
import { stage } from "../steps/stage.ts";
import { checkAnswer } from "./openapi/described.ts";
import type { Stage } from "../steps/stage.ts";

export const BASE = "https://api.example/v1";
export const BUCKET = "ours";

export interface Reply extends ApiResponse {
  /** The body, if it is JSON. */
  readonly json: unknown;
}

export interface ApiStage {
  readonly stage: Stage;
  readonly host: ApiHost;
  /** The errors that were reported to the host. */
  readonly reported: unknown[];
  readonly request: (method: string, path: string, more?: Partial<ApiRequest>) => Promise<Reply>;
  readonly get: (path: string) => Promise<Reply>;
  readonly post: (path: string, body?: unknown) => Promise<Reply>;
  /** Submits a batch, and expects that it is accepted. */
  readonly submit: (body?: unknown) => Promise<BatchSummary>;
  /** Puts an object into the stack's bucket, and returns its URL. */
  readonly put: (key: string, text: string) => string;
}

function nameOf(url: string): string {
  if (url.startsWith(`s3://${BUCKET}/`)) return url;
  throw new FanjoinError("INPUT_FORBIDDEN", `${url} is in a bucket that is not ours`);
}

export async function apiStage(job: Job, more: Partial<ApiHost> = {}): Promise<ApiStage> {
  const one = await stage({ job });
  const { store, clock } = one;
  const ports = Object.assign(one.ports, { objects: objectsIn(store, nameOf) });
  const reported: unknown[] = [];
  let made = 0;
  const host: ApiHost = {
    ledger: ports.ledger,
    store: ports.store,
    jobs: [job.name],
    // As it travels between functions.
    async describe(_, params) {
      const answer = await answerDescribe(job, params === undefined ? {} : { params });
      if ("job" in answer) return answer.job;
      throw new FanjoinError(answer.error.code, answer.error.message);
    },
    objectName(url) {
      return ports.objects.nameOf(url);
    },
    checkPrefix: (url) => void host.objectName(url),
    storeInput: (batch, text) => storeInput(ports, batch, text),
    submit: (spec) => submit(ports, { ...spec, jobFile: null }),
    cancel: (batch) => cancel(ports, batch),
    refusedSettings: { threads: "there are none here" },
    set: (batch, settings) => setSettings(one.ports, batch, settings),
    pause: (batch) => pause(one.ports, batch),
    resume: (batch) => resume(one.ports, batch),
    redrive: (batch, filter) => redrive(ports, batch, filter),
    remove: (batch) => remove(ports, batch),
    isWorkedOn: () => true,
    pace: () => NO_PACE,
    seen: async () => null,
    readList: (name, start, end) => ports.store.read(name, start, end),
    fileName: (_batch, _file, name) => name,
    chunksToPull: (batch, wanted) => chunksToPull(ports, batch, wanted),
    signedGet: async (name, { type, saveAs }) => `https://signed.example/${name}?type=${type}&as=${saveAs}`,
    signedPut: async (name) => ({
      url: `https://signed.example/${name}?put`,
      object: `s3://${BUCKET}/${name}`,
      expiresAt: clock.now() + 3_600_000,
    }),
    newBatch: () => `01K${String(++made).padStart(23, "0")}`,
    now: () => clock.now(),
    report: (error) => void reported.push(error),
    forCallers: (message) => message,
    ...more,
  };
  async function request(method: string, path: string, rest: Partial<ApiRequest> = {}): Promise<Reply> {
    const [bare = "", query = ""] = path.split("?");
    const sent = new URLSearchParams(query);
    const all = [...new Set(sent.keys())].map((name) => [name, sent.getAll(name)] as const);
    const response = await api(host, {
      method,
      path: bare,
      query: Object.fromEntries(sent),
      repeated: Object.fromEntries(all.filter(([, values]) => values.length > 1)),
      headers: {},
      body: "",
      base: BASE,
      ...rest,
    });
    checkAnswer(method, bare, response);
    const isJson = (response.headers["content-type"] ?? "").endsWith("json");
    return { ...response, json: isJson ? (JSON.parse(response.body) as unknown) : null };
  }
  const post = (path: string, body?: unknown): Promise<Reply> =>
    request("POST", path, body === undefined ? {} : jsonBody(body));
  return {
    stage: one,
    host,
    reported,
    request,
    get: (path) => request("GET", path),
    post,
    async submit(body) {
      const reply = await post(`/jobs/${job.name}/batches`, body);
      if (reply.status !== 202) throw new Error(reply.body);
      return reply.json as BatchSummary;
    },
    put(key, text) {
      const url = `s3://${BUCKET}/${key}`;
      store.put(url, text);
      return url;
    },
  };
}

export function jsonBody(body: unknown): Pick<ApiRequest, "body" | "headers"> {
  return {
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  };
}
