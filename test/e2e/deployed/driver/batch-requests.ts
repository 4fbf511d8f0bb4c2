/** Requests about batches of the deployed stack, for cases that the common driver does not have. */
import { randomBytes } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { BatchSummary } from "../../../../src/batch/summary/summary.ts";
import type { DeployedJobName } from "../../driver.ts";
import { signed } from "./api-client.ts";
import type { Answer } from "./api-client.ts";
import { eventually } from "./deployed.ts";
import type { DeployedStack } from "./deployed-stack.ts";

/** Objects that are written at the same time. */
const AT_ONCE = 25;

export class BatchRequests {
  readonly #stack: DeployedStack;

  constructor(stack: DeployedStack) {
    this.#stack = stack;
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return signed({ method, url: `${this.#stack.api}${path}`, ...(body === undefined ? {} : json) });
  }

  /** Resolves with the id of the batch. */
  async submit(job: DeployedJobName, body: object): Promise<string> {
    const { status, text } = await this.ask("POST", `/jobs/${job}/batches`, body);
    if (status !== 202) throw new Error(`the submission was answered ${status}: ${text}`);
    return (JSON.parse(text) as BatchSummary).batch;
  }

  async show(batch: string): Promise<BatchSummary> {
    return JSON.parse((await this.ask("GET", `/batches/${batch}`)).text) as BatchSummary;
  }

  /** The first summary that fits. */
  until(batch: string, what: string, fits: (summary: BatchSummary) => boolean): Promise<BatchSummary> {
    return eventually(what, async () => {
      const summary = await this.show(batch);
      return fits(summary) ? summary : undefined;
    });
  }

  ended(batch: string): Promise<BatchSummary> {
    return this.until(batch, `the end of batch ${batch}`, ({ endedAt }) => endedAt !== null);
  }

  /** All outputs, read page by page. */
  async outputs(batch: string): Promise<unknown[]> {
    const lines: string[] = [];
    for (let after = ""; ;) {
      const { status, headers, text } = await this.ask("GET", `/batches/${batch}/outputs?after=${after}`);
      if (status !== 200) throw new Error(`the page was answered ${status}: ${text}`);
      lines.push(...text.split("\n").filter((line) => line !== ""));
      if (headers.get("fanjoin-outputs") === "ended") return lines.map((line) => JSON.parse(line) as unknown);
      after = headers.get("fanjoin-cursor") ?? "";
    }
  }

  /** Puts texts below a new prefix, and returns its URL. */
  async objects(texts: readonly string[]): Promise<string> {
    const { bucket: Bucket } = this.#stack;
    const client = new S3Client({ forcePathStyle: true });
    const prefix = `inputs/${randomBytes(6).toString("hex")}/`;
    for (let from = 0; from < texts.length; from += AT_ONCE) {
      const some = texts.slice(from, from + AT_ONCE).map((Body, place) => {
        const Key = `${prefix}${String(from + place).padStart(6, "0")}.txt`;
        return client.send(new PutObjectCommand({ Bucket, Key, Body }));
      });
      await Promise.all(some);
    }
    return `s3://${Bucket}/${prefix}`;
  }
}
