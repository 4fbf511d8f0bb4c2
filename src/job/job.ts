/** A job: where items come from, how to process one, and how to join the results. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { NativePromise } from "../core/native-promise.ts";
import type { Drop } from "../core/drop.ts";
import type { Reader } from "../input/reader.ts";
import { group, invalid, show } from "../option-check.ts";
import { isObject } from "../core/json/json.ts";
import type { UnknownObject } from "../core/json/json.ts";
import { SETTINGS, parseOptions } from "./options.ts";
import type { JobOptions, JobSettings } from "./options.ts";
import type { Join } from "../joins/join.ts";
import type { Context, SetupContext } from "./context.ts";
import { joinFrom } from "./joinable.ts";
import type { Joinable } from "./joinable.ts";

export type { Context, Logger, Position, SetupContext } from "./context.ts";
export type { JobOptions, JobSettings, RateLimitSettings, RetrySettings } from "./options.ts";

/** Ends what `setup` made. The type of a method, so that every job is assignable to `Job`. */
type Teardown<Own> = { teardown(own: Own): unknown }["teardown"];

/** A job as `defineJob` returns it: checked, frozen, and with all defaults filled in. */
export interface Job<
  Raw = unknown,
  Item = unknown,
  Value = unknown,
  Result = unknown,
  Params = unknown,
  Own = unknown,
> {
  readonly name: string;
  readonly input: Reader<Raw>;
  readonly item: StandardSchemaV1<unknown, Item> | null;
  readonly params: StandardSchemaV1<unknown, Params> | null;
  readonly setup: ((context: SetupContext) => Own | Promise<Own>) | null;
  readonly teardown: Teardown<Own> | null;
  // A method and not a property, so that every job is assignable to `Job`.
  process(item: Item, context: Context<Params, Own>): Value | Drop | Promise<Value | Drop>;
  readonly join: Join<Value, Result> | null;
  readonly options: JobOptions;
}

/** The type of a job's result: `JoinedOf<typeof job>`. */
export type JoinedOf<AnyJob extends Job> =
  AnyJob extends Job<infer _Raw, infer _Item, infer _Value, infer Result, infer _Params, infer _Own>
    ? Result
    : never;

/** The argument of `defineJob`. */
export interface JobDefinition<Raw, Item, Value, Result, Params, Own = unknown> extends JobSettings {
  /** At most 63 lower-case letters, digits and dashes. The first is a letter. */
  readonly name: string;
  /** A reader, e.g. `csv()`. */
  readonly input: Reader<Raw>;
  /**
   * Any Standard Schema (zod, valibot, arktype). It checks each item and gives it its type. Without it, items
   * are as the reader makes them.
   */
  readonly item?: StandardSchemaV1<unknown, Item> | undefined;
  /** Any Standard Schema. It checks the params when a batch is submitted. */
  readonly params?: StandardSchemaV1<unknown, Params> | undefined;
  /**
   * Makes what `process` gets as `ctx.own`: a database pool, a loaded model. It is called once in each thread
   * or Lambda environment, before the first item, may be async, and has a minute. Write it above `process`,
   * whose `ctx` has its type. If it throws, it is called again; after three attempts the batch ends with
   * `SETUP_FAILED`. Joins do not get it.
   */
  readonly setup?: ((context: SetupContext) => Own | Promise<Own>) | undefined;
  /**
   * Ends what `setup` made, when its thread ends: it has 5 seconds. An error is logged, and changes nothing.
   * It is not called where the process is killed, and usually never on Lambda.
   */
  readonly teardown?: ((own: NoInfer<Own>) => unknown) | undefined;
  /**
   * Does the work for one item. The returned value goes into the join. If it throws on every try, the item
   * has failed. The item also fails if the join keeps the value and JSON cannot hold it (`undefined`, `NaN`,
   * a `Map`). `drop` leaves the item out of the join.
   */
  readonly process: (item: Item, context: Context<Params, Own>) => Value | Drop | Promise<Value | Drop>;
  /**
   * Joins the values into one result: a join, an object of joins, or a function of typed joins, which is
   * called once. Write it below `process`, whose value it joins. Without it there are only counts, and no
   * result.
   */
  readonly join?: Joinable<Value, Item, Result> | undefined;
}

/** Marks jobs. It is the same in every copy of this package, because another copy may have made the job. */
const JOB = Symbol.for("fanjoin.job");
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const PARTS = [
  "name",
  "input",
  "item",
  "params",
  "setup",
  "teardown",
  "process",
  "join",
  ...SETTINGS,
] as const;

/**
 * Makes a job from its definition. A job file exports it as the default export. Throws `JOB_INVALID`, with
 * what is wrong and what to do.
 */
export function defineJob<
  Raw,
  Item = Raw,
  Value = unknown,
  Result = unknown,
  Params = unknown,
  Own = unknown,
>(
  definition: JobDefinition<Raw, Item, Value, Result, Params, Own>,
): Job<Raw, Item, Value, Result, Params, Own> {
  const unchecked: UnknownObject = group(definition, "A job", PARTS);
  checkName(unchecked["name"]);
  checkReader(unchecked["input"]);
  checkSchema(unchecked["item"], "item");
  checkSchema(unchecked["params"], "params");
  if (typeof unchecked["process"] !== "function") {
    throw invalid(`process has to be a function of the item, but is ${show(unchecked["process"])}.`);
  }
  checkSetup(unchecked["setup"], unchecked["teardown"]);
  const { name, input, item = null, params = null, setup = null, teardown = null, join } = definition;
  const job: Job<Raw, Item, Value, Result, Params, Own> = {
    name,
    input,
    item,
    params,
    setup,
    teardown,
    process: definition.process,
    join: join === undefined ? null : joinFrom(join),
    options: parseOptions(unchecked),
  };
  return Object.freeze(Object.assign(job, { [JOB]: true }));
}

/** The job that a user's module exports by default. Throws `JOB_INVALID`. */
export function jobFrom(module: unknown): Job {
  const exported = exportedBy(module);
  if (exported === undefined) {
    throw invalid("The module has no default export. Export the job: export default defineJob({ … }).");
  }
  if (isObject(exported) && JOB in exported) return exported as unknown as Job;
  const wrap = isObject(exported)
    ? " Wrap it: export default defineJob({ … })."
    : " Export what defineJob({ … }) returns.";
  throw invalid(`The default export is ${kindOf(exported)}, not a job.${wrap}`);
}

/** Compilers that write CommonJS put the default export where an import of it does not look. */
function exportedBy(module: unknown): unknown {
  const exported = isObject(module) ? module["default"] : undefined;
  return isObject(exported) && exported["__esModule"] === true ? exported["default"] : exported;
}

function kindOf(value: unknown): string {
  if (value instanceof NativePromise) return "a promise";
  return isObject(value) ? "a plain object" : show(value);
}

function checkName(name: unknown): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw invalid(
    `name has to be 1 to 63 lower-case letters, digits and dashes that begin with a letter, but is ${show(name)}. Queues and functions are named after it.`,
  );
}

function checkReader(input: unknown): void {
  if (isObject(input) && typeof input["kind"] === "string" && isObject(input["options"])) return;
  const uncalled = typeof input === "function" ? " Is the reader called, as in csv()?" : "";
  throw invalid(
    `input has to be a reader such as csv(), jsonl() or range(1000), but is ${show(input)}.${uncalled}`,
  );
}

function checkSetup(setup: unknown, teardown: unknown): void {
  if (setup !== undefined && typeof setup !== "function")
    throw invalid(
      `setup has to be a function that returns what process gets as ctx.own, but is ${show(setup)}.`,
    );
  if (teardown === undefined) return;
  if (typeof teardown !== "function")
    throw invalid(`teardown has to be a function of what setup returned, but is ${show(teardown)}.`);
  if (setup === undefined)
    throw invalid(
      "teardown ends what setup returned, but there is no setup: add one, or leave teardown out.",
    );
}

/** A schema is an object. In some libraries (arktype) it is a function. */
function checkSchema(schema: unknown, where: string): void {
  if (schema === undefined) return;
  const holder = typeof schema === "function" || isObject(schema) ? (schema as UnknownObject) : {};
  const standard = holder["~standard"];
  if (isObject(standard) && typeof standard["validate"] === "function") return;
  throw invalid(
    `${where} has to be a Standard Schema (of zod, valibot, arktype, …), but is ${show(schema)}. See https://standardschema.dev.`,
  );
}
