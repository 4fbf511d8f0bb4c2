/** The driver of the embedded engine: the command, in real processes. */
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BatchSummary } from "../../src/batch/summary.ts";
import { workspace } from "../cli/command.ts";
import type { OnFinished, Outcome, Running } from "../cli/command.ts";
import { plainSources } from "./driver.ts";
import type { BatchFiles, Driver, InputFile, JobName, Submission } from "./driver.ts";
import { copyJobs, setMended } from "./job-files.ts";

/** Little memory, so that it runs out soon. */
const LITTLE = { NODE_OPTIONS: "--max-old-space-size=96" };

/** In a directory of its own, which ends with the test. */
export function embedded(onFinished: OnFinished): Driver {
  const at = workspace(LITTLE, onFinished);
  copyJobs(join(at.path, "jobs"));
  const running = new Map<string, Running>();

  /** Starts a command that runs a batch, or tells of one that has ended. */
  async function begin(...args: string[]): Promise<string> {
    const process = at.start(...args, "--concurrency", "2", "--json");
    const [, batch = ""] = await process
      .said(/batch (\w+) runs/)
      .catch(async () => told(await process.ended));
    running.set(batch, process);
    return batch;
  }

  async function look(batch: string): Promise<BatchSummary> {
    return (await at.json("show", batch)).summary;
  }

  async function submit({ job, input, params, id }: Submission): Promise<string> {
    // A file that is written again is another input.
    if (input && !isThere(join(at.path, input.name), input.text)) at.write(input.name, input.text);
    return begin(
      "run",
      jobFile(job),
      ...(input ? [input.name] : []),
      ...(params === undefined ? [] : ["--params", JSON.stringify(params)]),
      ...(id === undefined ? [] : ["--id", id]),
    );
  }

  /** Dropped into the folder that `fanjoin dev` watches, which is stopped when the batch has ended. */
  async function upload(job: JobName, { name, text }: InputFile): Promise<string> {
    const dev = at.start("dev", jobFile(job), "--port", "0");
    await dev.said(/a file dropped there/);
    at.write(join("uploads", job, name), text);
    const [, batch = ""] = await dev.said(/ (\w{26}) runs/);
    await dev.said(new RegExp(`${batch} (?:succeeded|completed|failed)`));
    dev.child.kill("SIGINT");
    await dev.ended;
    return batch;
  }

  return {
    submit,
    upload,
    remove: (_job, { name }) => rm(join(at.path, name)),
    look,
    async wait(batch) {
      await running.get(batch)?.ended;
      return look(batch);
    },
    files: async (batch) => filesOf(await look(batch)),
    async cancel(batch) {
      await at.run("cancel", batch);
    },
    async redrive(batch, { codes, classes } = {}) {
      const filter = [
        ...(codes ?? []).flatMap((code) => ["--code", code]),
        ...(classes ?? []).flatMap((name) => ["--error", name]),
      ];
      await begin("redrive", batch, ...filter);
    },
    async withMended(_job, use) {
      setMended(join(at.path, "jobs"), true);
      return use().finally(() => setMended(join(at.path, "jobs"), false));
    },
  };
}

function jobFile(job: JobName): string {
  return join("jobs", `${job}.ts`);
}

function told({ stdout, stderr }: Outcome): readonly string[] {
  const match = /"batch":"(\w+)"/.exec(stdout);
  if (match) return match;
  throw new Error(`it started no batch: ${stderr}`);
}

function filesOf({ result, outputs, failed }: BatchSummary): BatchFiles {
  const lines = textOf(failed);
  return {
    result: textOf(result),
    outputs: textOf(outputs),
    failed: lines === null ? null : plainSources(lines),
  };
}

function isThere(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8") === text;
}

function textOf(file: { readonly path: string } | null): string | null {
  return file && existsSync(file.path) ? readFileSync(file.path, "utf8") : null;
}
