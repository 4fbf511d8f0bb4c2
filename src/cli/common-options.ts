/** Options that several commands take, and how their values are read. */
import { reasonOf } from "../core/errors.ts";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { Json } from "../core/json.ts";
import { usage } from "./error-text.ts";

export interface JsonOption {
  readonly json?: true;
}

export interface OutcomeOptions extends JsonOption {
  readonly output?: string;
  readonly quiet?: true;
}

export interface SubmitOptions extends OutcomeOptions {
  readonly wait?: true;
  readonly id?: string;
  readonly params?: string;
  readonly chunkItems?: number;
  readonly chunkBytes?: number;
}

export interface ConcurrencyOption {
  readonly concurrency: number;
}

export function withConcurrency(command: Command): Command {
  const option = new Option("--concurrency <n>", "chunks at once")
    .argParser(positive)
    .default(availableParallelism(), "the number of cores");
  return command.addOption(option);
}

/** How the outcome is told. */
export function withOutcome(command: Command): Command {
  return command
    .option("--output <file>", "copy the result (or the ordered outputs) there; - is standard output")
    .option("--json", "standard output is exactly one JSON document, the batch summary")
    .option("--quiet", "no progress");
}

export function withJson(command: Command, what: string): Command {
  return command.option("--json", what);
}

export function positive(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It has to be a whole number of at least 1.");
}

/** `--params`: JSON, or `@` and the name of a file with it. Throws `USAGE`. */
export function parseParams(given: string | undefined): Json {
  if (given === undefined) return null;
  const isFile = given.startsWith("@");
  const text = isFile ? readParams(given.slice(1)) : given;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = reasonOf(error);
    throw usage(`--params ${isFile ? given : shortened(given)} is not JSON: ${reason}`);
  }
}

function readParams(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw usage(`--params: there is no file ${file} that can be read`);
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
