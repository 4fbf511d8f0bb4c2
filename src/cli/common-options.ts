/** Options that several commands share, and the parsers of their values. */
import { parseJson } from "../core/json/strict-json.ts";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { reasonOf, usage } from "../core/errors/errors.ts";
import type { Json } from "../core/json/json.ts";
import type { SubmitOptions } from "../door/fanjoin.ts";
import { DEFAULT_DIRECTORY } from "../open/default-directory.ts";

export interface JsonOption {
  readonly json?: true;
}

export interface OutcomeOptions extends JsonOption, StreamOptions {
  readonly output?: string;
  readonly quiet?: true;
}

/** `--stream`: standard output is for the outputs, while the batch runs. */
export interface StreamOptions {
  readonly stream?: true;
  readonly unordered?: true;
}

/** Options of a new batch. */
export interface NewBatchOptions {
  readonly id?: string;
  readonly params?: string;
  readonly maxItems?: number;
  readonly chunkItems?: number;
  readonly chunkBytes?: number;
  readonly maxCostUsd?: number;
}

/** Where the batches of a command are. */
export interface PlaceOptions extends DirectoryOption, ThreadsOption, JobOption, InsecureOption {
  readonly stack?: string;
  readonly endpoint?: string;
  readonly quiet?: true;
  /** Waits while another process works in the directory. */
  readonly wait?: boolean;
}

export interface DirectoryOption {
  readonly dir: string;
}

export function withDirectory(command: Command): Command {
  return command.option("--dir <dir>", "directory for state and results", notEmpty, DEFAULT_DIRECTORY);
}

function notEmpty(dir: string): string {
  if (dir !== "") return dir;
  throw new InvalidArgumentError("It is empty: name a directory.");
}

/** `--port`. `shown`: the default, in words. */
export function portOption(port: number, shown: string): Option {
  return new Option("--port <n>", "the port on 127.0.0.1; 0 picks a free one")
    .argParser(parsedPort)
    .default(port, shown);
}

function parsedPort(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 65_536) return value;
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

export interface ThreadsOption {
  readonly threads: number;
  /** The earlier name. */
  readonly concurrency?: number;
}

export function withThreads(command: Command): Command {
  const threads = new Option("--threads <n>", "how many chunks run at once")
    .argParser(positive)
    .default(availableParallelism(), "the number of cores");
  const earlier = new Option("--concurrency <n>", "the earlier name of --threads").argParser(positive);
  return command.addOption(threads.conflicts("concurrency")).addOption(earlier.hideHelp());
}

export function threadsOf({ threads, concurrency }: ThreadsOption): number {
  return concurrency ?? threads;
}

/** For the commands that need the directory for themselves. */
export function withTurn(command: Command): Command {
  return command.option("--no-wait", "refuse to wait while another process works in the directory");
}

/** `--job`: the file of the job that runs here, in place of the recorded one. */
export interface JobOption {
  readonly job?: string;
}

/** `name`: of the command, as in "a second run reports the first". */
export function withBatchOptions(command: Command, name: string): Command {
  return command
    .option("--id <token>", `the same token and input is the same batch: a second ${name} reports the first`)
    .option("--params <json>", "the job's parameters: JSON, or @file")
    .option("--max-items <n>", "only the first n items of the input", positive)
    .addOption(maxCost(name))
    .option("--chunk-items <n>", "items in a chunk (default: learned)", positive)
    .option("--chunk-bytes <n>", "bytes in a chunk (default: learned)", positive);
}

/** Refused with a sentence where nothing is charged. */
function maxCost(name: string): Option {
  const option = new Option("--max-cost-usd <n>", "end the batch as failed once it has cost more dollars");
  option.argParser((text: string) => {
    const value = Number(text);
    if (Number.isFinite(value) && value > 0) return value;
    throw new InvalidArgumentError("It must be a number of dollars above 0.");
  });
  return name === "run" ? option.hideHelp() : option;
}

export function withOutcome(command: Command): Command {
  return command
    .option(
      "--output <file>",
      "copy the ordered outputs there if the job collects, else the result; - is standard output",
    )
    .option("--json", "print the batch summary as one JSON document")
    .option("--quiet", "show no progress");
}

/** For the commands that run the code of a recorded job. */
export function withJobFile(command: Command): Command {
  const text = "the job's file (needed where the recorded one is outside of the working directory)";
  return command.addOption(new Option("--job <file>", text).conflicts(["stack", "endpoint"]));
}

export interface InsecureOption {
  readonly insecureEndpoint?: true;
}

export function withInsecureEndpoint(command: Command): Command {
  return command.option("--insecure-endpoint", "allow an endpoint without encryption on another machine");
}

export function withJson(command: Command, description: string): Command {
  return command.option("--json", description);
}

/** What a command takes for a batch. */
export const BATCH = "its id, the beginning of it, or latest";

/** A batch that is only looked at need not be named. */
export function withLookedAt(command: Command): Command {
  return command.argument("[batch]", BATCH, "latest");
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number.");
}

export function positive(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number of at least 1.");
}

/** The options of a new batch, for both doors. Throws `USAGE`. */
export function submitOptions(options: NewBatchOptions): SubmitOptions {
  const { id, params, maxItems, maxCostUsd, chunkItems, chunkBytes } = options;
  const chunk = { items: chunkItems, bytes: chunkBytes };
  return { id, params: parseParams(params), maxItems, maxCostUsd, chunk };
}

/** The value of `--params`: JSON, or `@` and the name of a JSON file. Throws `USAGE`. */
export function parseParams(value: string | undefined): Json {
  if (value === undefined) return null;
  const isFile = value.startsWith("@");
  const text = isFile ? readParams(value.slice(1)) : value;
  try {
    return parseJson(text);
  } catch (error) {
    throw usage(`--params ${isFile ? value : shortened(value)} is not JSON: ${reasonOf(error)}`);
  }
}

function readParams(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw usage(`--params: the file ${file} does not exist or cannot be read`);
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
