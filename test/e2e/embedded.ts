/** The driver of the embedded engine: it runs the command in real processes. */
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { workspace } from "../cli/command.ts";
import type { OnFinished, Outcome, Running } from "../cli/command.ts";
import { plainSources } from "./driver.ts";
import type { BatchFiles, Driver, InputFile, JobName, Submission } from "./driver.ts";
import { copyJobs, setMended } from "./job-files.ts";

/** A small heap, so that memory runs out soon. */
const SMALL_HEAP = { NODE_OPTIONS: "--max-old-space-size=96" };

/** A driver with a directory of its own, which is removed after the test. */
export function embedded(onFinished: OnFinished): Driver {
  const at = workspace(SMALL_HEAP, onFinished);
  copyJobs(join(at.path, "jobs"));
  const running = new Map<string, Running>();

  /** Starts a command that runs a batch or shows one that has ended. Returns the batch's id. */
  async function begin(...args: string[]): Promise<string> {
    const process = at.start(...args, "--concurrency", "2", "--json");
    const [, batch = ""] = await process
      .said(/batch (\w+) runs/)
      .catch(async () => batchIn(await process.ended));
    running.set(batch, process);
    return batch;
  }

  async function show(batch: string): Promise<BatchSummary> {
    return (await at.json("show", batch)).summary;
  }

  async function submit({ job, input, params, id }: Submission): Promise<string> {
    // Writing a file again would change its version, and so the input.
    if (input && !isWritten(join(at.path, input.name), input.text)) at.write(input.name, input.text);
    return begin(
      "run",
      jobFile(job),
      ...(input ? [input.name] : []),
      ...(params === undefined ? [] : ["--params", JSON.stringify(params)]),
      ...(id === undefined ? [] : ["--id", id]),
    );
  }

  /** Drops the file into the folder that `fanjoin dev` watches, and stops `dev` when the batch has ended. */
  async function upload(job: JobName, { name, text }: InputFile): Promise<string> {
    const dev = at.start("dev", jobFile(job), "--port", "0");
    await dev.said(/a file dropped here/);
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
    show,
    async wait(batch) {
      await running.get(batch)?.ended;
      return show(batch);
    },
    files: async (batch) => filesOf(await show(batch)),
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

function batchIn({ stdout, stderr }: Outcome): readonly string[] {
  const match = /"batch":"(\w+)"/.exec(stdout);
  if (match) return match;
  throw new Error(`the command started no batch: ${stderr}`);
}

function filesOf({ result, outputs, failed }: BatchSummary): BatchFiles {
  const lines = textOf(failed);
  return {
    result: textOf(result),
    outputs: textOf(outputs),
    failed: lines === null ? null : plainSources(lines),
  };
}

function isWritten(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8") === text;
}

function textOf(file: { readonly path: string } | null): string | null {
  return file && existsSync(file.path) ? readFileSync(file.path, "utf8") : null;
}
