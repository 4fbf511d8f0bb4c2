/** The driver of a deployed stack: it uses its HTTP API and S3 with signed requests. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { LambdaClient, UpdateFunctionCodeCommand, waitUntilFunctionUpdatedV2 } from "@aws-sdk/client-lambda";
import { bundle } from "../../../../infra/resources/bundle.ts";
import { jobResourceName } from "../../../../src/core/stack/resource-names.ts";
import type { BatchSummary } from "../../../../src/batch/summary/summary.ts";
import { signed } from "./api-client.ts";
import type { Answer } from "./api-client.ts";
import type { DeployedStack } from "./deployed-stack.ts";
import { plainSources } from "../../driver.ts";
import type { Driver, InputFile, JobName } from "../../driver.ts";
import { copyJobs, JOBS, setMended } from "../../job-files.ts";
import { STACK } from "../stack-name.ts";
import { uploadedBatches } from "./uploaded-batches.ts";
import { zipOf } from "./zip.ts";

const POLL_MS = 500;
const PATIENCE_MS = 200_000;

/** A driver of the stack. */
export function deployed({ api, table }: DeployedStack): Driver {
  /** The object of each text that was put below `inputs/`. An equal input uses the same object again. */
  const inputs = new Map<string, string>();

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await signed({
      method,
      url: `${api}${path}`,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (answer.status < 400) return answer;
    throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
  }

  async function put(job: JobName, { name, text }: InputFile, start: boolean): Promise<string> {
    // A folder of its own; its name has characters that events have to encode.
    const unique = `${randomBytes(6).toString("hex")} ü+(1)/${name}`;
    const answer = await call("POST", `/jobs/${job}/uploads`, { name: unique, start });
    const { url, object } = JSON.parse(answer.text) as { url: string; object: string };
    const { ok, status } = await fetch(url, { method: "PUT", body: text });
    if (!ok) throw new Error(`the upload of ${name} was answered ${status}`);
    return object;
  }

  async function inputObject(job: JobName, input: InputFile): Promise<string> {
    const known = `${job} ${input.name} ${input.text}`;
    const object = inputs.get(known) ?? (await put(job, input, false));
    inputs.set(known, object);
    return object;
  }

  async function show(batch: string): Promise<BatchSummary> {
    return JSON.parse((await call("GET", `/batches/${batch}`)).text) as BatchSummary;
  }

  async function file(batch: string, name: "result" | "outputs" | "failed"): Promise<string> {
    const { status, headers, text } = await call("GET", `/batches/${batch}/${name}`);
    if (status !== 303) return text;
    return (await fetch(headers.get("location") ?? "")).text();
  }

  return {
    async submit({ job, input, params, id }) {
      const object = input && (await inputObject(job, input));
      const body = { ...(object === undefined ? {} : { input: { object } }), params, id };
      const { text } = await call("POST", `/jobs/${job}/batches`, body);
      return (JSON.parse(text) as BatchSummary).batch;
    },
    async upload(job, input) {
      const object = await put(job, input, true);
      const key = object.replace(/^s3:\/\/[^/]+\//, "");
      return eventually(`a batch of ${object}`, async () => (await uploadedBatches(table, key))[0]);
    },
    async remove(job, input) {
      const [Bucket = "", ...key] = (await inputObject(job, input)).replace("s3://", "").split("/");
      await new S3Client({ forcePathStyle: true }).send(
        new DeleteObjectCommand({ Bucket, Key: key.join("/") }),
      );
    },
    show,
    wait: (batch) =>
      eventually(`the end of batch ${batch}`, async () => {
        const summary = await show(batch);
        return summary.endedAt === null ? undefined : summary;
      }),
    async files(batch) {
      const { result, outputs, failed } = await show(batch);
      return {
        result: result && (await file(batch, "result")),
        outputs: outputs && (await file(batch, "outputs")),
        failed: failed && plainSources(await file(batch, "failed")),
      };
    },
    async cancel(batch) {
      await call("POST", `/batches/${batch}/cancel`);
    },
    async redrive(batch, filter = {}) {
      await call("POST", `/batches/${batch}/redrive`, filter);
    },
    async withMended(job, use) {
      const directory = mkdtempSync(join(tmpdir(), "fanjoin-mended-"));
      try {
        copyJobs(directory);
        setMended(directory, true);
        await updateWorker(job, directory);
        return await use();
      } finally {
        await updateWorker(job, JOBS);
        rmSync(directory, { recursive: true });
      }
    },
  };
}

/** Replaces the deployed code of the job's worker by the files in `directory`. */
async function updateWorker(job: JobName, directory: string): Promise<void> {
  const client = new LambdaClient({});
  const FunctionName = jobResourceName(STACK, job, "worker");
  const code = bundle("worker", { name: job, file: join(directory, `${job}.ts`) });
  await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zipOf("index.mjs", code) }));
  await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 60 }, { FunctionName });
}

/** Polls until `probe` returns a value. Throws an error that names `what` if that takes too long. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > giveUpAt) throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`);
    await sleep(POLL_MS);
  }
}
