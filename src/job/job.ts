/** What a job is: where items come from, how to process one, how to join the results. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Reader } from "../input/reader.ts";
import { toJoin } from "../joins/object-join.ts";
import type { JoinOrObject } from "../joins/object-join.ts";
import { group, invalid, show } from "../option-check.ts";
import { isObject } from "../core/json.ts";
import type { UnknownObject } from "../core/json.ts";
import { SETTINGS, parseOptions } from "./options.ts";
import type { JobOptions, JobSettings } from "./options.ts";
import type { CallableJoin } from "../joins/callable.ts";
import type { Join } from "../joins/join.ts";

export type { JobOptions, JobSettings, RetrySettings } from "./options.ts";

/** Where an item is. */
export interface Position {
  /** The input, as the user named it. */
  readonly source: string;
  readonly chunk: number;
  /** From 0, within its chunk. */
  readonly index: number;
  /** In bytes from the start of the source; `null` where there is none. */
  readonly offset: number | null;
}

export interface Logger {
  debug(message: string, fields?: { readonly [name: string]: unknown }): void;
  info(message: string, fields?: { readonly [name: string]: unknown }): void;
  warn(message: string, fields?: { readonly [name: string]: unknown }): void;
  error(message: string, fields?: { readonly [name: string]: unknown }): void;
}

/** What `process` is given beside the item. */
export interface Context<Params = unknown> {
  /** Aborted when the item's time is up, the batch ends or the process stops. */
  readonly signal: AbortSignal;
  readonly position: Position;
  /** Which try of this item this is, from 1. */
  readonly attempt: number;
  /** The batch's parameters, checked by the job's `params` schema. */
  readonly params: Params;
  readonly log: Logger;
  /** How long this attempt at the chunk may still take. */
  remainingMs(): number;
}

/** A job as `defineJob` made it: checked, frozen, with all defaults filled in. */
export interface Job<Raw = unknown, Item = unknown, Value = unknown, Result = unknown, Params = unknown> {
  readonly name: string;
  readonly input: Reader<Raw>;
  readonly item: StandardSchemaV1<unknown, Item> | null;
  readonly params: StandardSchemaV1<unknown, Params> | null;
  // A method, so that every job is a `Job`.
  process(item: Item, context: Context<Params>): Value | Promise<Value>;
  readonly join: Join<Value, Result> | null;
  readonly options: JobOptions;
}

/** The type of a job's result: `JoinedOf<typeof job>`. */
export type JoinedOf<AnyJob extends Job> =
  AnyJob extends Job<infer _Raw, infer _Item, infer _Value, infer Result, infer _Params> ? Result : never;

declare const neverGiven: unique symbol;

/** A join of values. */
type JoinOf<Value, Item, Result> = Join<NoInfer<Value>, Result> | HintOf<Item, Result>;

/**
 * Nothing is a `HintOf`: it only tells `row` of `groupBy(row => …)` its type. TypeScript cannot know what
 * `process` returns at that point (it infers nested generic calls before the properties beside them,
 * microsoft/TypeScript#54184), but it knows the item's type, and it is right wherever `process` returns its
 * item. Elsewhere the join does not fit `Value`, and a type on `row` helps: `groupBy((row: Priced) => …)`.
 */
type HintOf<Item, Result> = CallableJoin<NoInfer<Item>, Result> & { readonly [neverGiven]: true };

/** A join, or an object of joins. */
export type Joinable<Value, Item, Result> =
  | JoinOf<Value, Item, Result>
  | { readonly [Name in keyof Result]: JoinOf<Value, Item, Result[Name]> };

/** What a user writes. */
export interface JobDefinition<Raw, Item, Value, Result, Params> extends JobSettings {
  /** Lower-case letters, digits and dashes, at most 63, a letter first. */
  readonly name: string;
  /** A reader, e.g. `csv()`. */
  readonly input: Reader<Raw>;
  /**
   * Any Standard Schema (zod, valibot, arktype): checks each item and gives it its type. Left out: items are
   * as the reader makes them.
   */
  readonly item?: StandardSchemaV1<unknown, Item> | undefined;
  /** Any Standard Schema: checks `--params` when a batch is submitted. */
  readonly params?: StandardSchemaV1<unknown, Params> | undefined;
  /**
   * The work for one item. What it returns goes into the join; what it throws makes the item a failed one,
   * after its retries. So does a value that JSON cannot hold (BigInt, a cycle), if the join keeps it; a join
   * that does not, and no join at all, take any value.
   */
  readonly process: (item: Item, context: Context<Params>) => Value | Promise<Value>;
  /** How values become one result. Left out: there is no result, only counts. */
  readonly join?: Joinable<Value, Item, Result> | undefined;
}

/**
 * The same in every copy of this package: a job may have been made by another one than the one that runs it.
 */
const JOB = Symbol.for("fanjoin.job");
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const PARTS = ["name", "input", "item", "params", "process", "join", ...SETTINGS] as const;

/**
 * Makes a job of its definition; a module exports it as its default. Throws `JOB_INVALID`, which says what is
 * wrong and what to do.
 */
export function defineJob<Raw, Item = Raw, Value = unknown, Result = unknown, Params = unknown>(
  definition: JobDefinition<Raw, Item, Value, Result, Params>,
): Job<Raw, Item, Value, Result, Params> {
  const given: UnknownObject = group(definition, "A job", PARTS);
  checkName(given["name"]);
  checkReader(given["input"]);
  checkSchema(given["item"], "item");
  checkSchema(given["params"], "params");
  if (typeof given["process"] !== "function") {
    throw invalid(`process has to be a function of the item, but is ${show(given["process"])}.`);
  }
  const { name, input, item = null, params = null, join } = definition;
  const job: Job<Raw, Item, Value, Result, Params> = {
    name,
    input,
    item,
    params,
    process: definition.process,
    // No `HintOf` exists, so what is left is a join or an object of joins.
    join: join === undefined ? null : toJoin(join as JoinOrObject<Value, Result>, "join"),
    options: parseOptions(given),
  };
  return Object.freeze(Object.assign(job, { [JOB]: true }));
}

/** The job that a user's module exports by default. Throws `JOB_INVALID`. */
export function jobFrom(module: unknown): Job {
  const exported = isObject(module) ? module["default"] : undefined;
  if (exported === undefined) {
    throw invalid("The module has no default export. Export the job: export default defineJob({ … }).");
  }
  if (isObject(exported) && JOB in exported) return exported as unknown as Job;
  const wrap = isObject(exported)
    ? " Wrap it: export default defineJob({ … })."
    : " Export what defineJob({ … }) returns.";
  throw invalid(`The default export is ${kindOf(exported)}, not a job.${wrap}`);
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return "a promise";
  return isObject(value) ? "a plain object" : show(value);
}

function checkName(name: unknown): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw invalid(
    `name has to be 1 to 63 lower-case letters, digits and dashes, a letter first, but is ${show(name)}. It names queues and functions too.`,
  );
}

function checkReader(input: unknown): void {
  if (isObject(input) && typeof input["kind"] === "string" && isObject(input["options"])) return;
  const uncalled = typeof input === "function" ? " Is the reader called, as in csv()?" : "";
  throw invalid(
    `input has to be a reader such as csv(), jsonl() or range(1000), but is ${show(input)}.${uncalled}`,
  );
}

/** A schema is an object, or in some libraries (arktype) a function. */
function checkSchema(schema: unknown, where: string): void {
  if (schema === undefined) return;
  const holder = typeof schema === "function" || isObject(schema) ? (schema as UnknownObject) : {};
  const standard = holder["~standard"];
  if (isObject(standard) && typeof standard["validate"] === "function") return;
  throw invalid(
    `${where} has to be a Standard Schema (of zod, valibot, arktype, …), but is ${show(schema)}. See https://standardschema.dev.`,
  );
}
