/**
 * Finds values that JSON would change silently. `JSON.stringify` writes `NaN` as `null` and a `Map` as `{}`,
 * and leaves functions out. A value that is kept as JSON would be another value when it is read.
 */
import type { Json } from "./json.ts";

export interface JsonRules {
  /**
   * `data`: only values that are the same after reading, because an accumulator is used again. `text`: also
   * instances of classes, and values with `toJSON` (a `Date`, a `URL`), because only their text is wanted.
   */
  readonly as: "data" | "text";
}

export const AS_DATA: JsonRules = { as: "data" };
export const AS_TEXT: JsonRules = { as: "text" };

/** A value that JSON would change or cannot hold. */
export interface JsonProblem {
  /** The path within the value: `.prices[3].min`. Empty for the value itself. */
  readonly path: string;
  /** The problem at that path: `Infinity`, `a Map`. */
  readonly found: string;
}

/**
 * The first problem within `value`; `null` if there is none. A property that is `undefined` is not a problem:
 * JSON leaves it out. Nor is `-0`, which becomes 0.
 */
export function jsonProblem(value: unknown, rules: JsonRules): JsonProblem | null {
  try {
    return problemIn(value, rules);
  } catch (thrown) {
    // The stack is full: the value contains itself, or is too deep.
    if (!(thrown instanceof RangeError)) throw thrown;
    return { path: "", found: "a value that contains itself, or is nested too deeply" };
  }
}

function problemIn(value: unknown, rules: JsonRules): JsonProblem | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) ? null : { path: "", found: String(value) };
    case "object":
      if (value === null) return null;
      return Array.isArray(value) ? problemInArray(value, rules) : problemInObject(value, rules);
    case "undefined":
      return { path: "", found: "undefined" };
    case "bigint":
    case "function":
    case "symbol":
      return { path: "", found: `a ${typeof value}` };
  }
}

function problemInArray(array: readonly unknown[], rules: JsonRules): JsonProblem | null {
  for (let index = 0; index < array.length; index++) {
    const problem = problemIn(array[index], rules);
    if (problem) return { path: `[${index}]${problem.path}`, found: problem.found };
  }
  return null;
}

function problemInObject(object: object, rules: JsonRules): JsonProblem | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  const plain = prototype === Object.prototype || prototype === null;
  if (writesItself(object))
    return rules.as === "text" ? problemInText(object, object.toJSON()) : found(object);
  if (!plain && (rules.as === "data" || isLost(object))) return found(object);
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const problem = problemIn(value, rules);
    if (problem) return { path: `${stepText(name)}${problem.path}`, found: problem.found };
  }
  return null;
}

function writesItself(object: object): object is { toJSON(): unknown } {
  return "toJSON" in object && typeof object.toJSON === "function";
}

/** An invalid `Date` writes itself as `null`. */
function problemInText(object: object, text: unknown): JsonProblem | null {
  if (text === null) return { path: "", found: `a ${kindOf(object)} that writes itself as null` };
  return problemIn(text, AS_TEXT);
}

function found(object: object): JsonProblem {
  const kind = kindOf(object);
  return { path: "", found: `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}` };
}

/** The name of an object's class. Its `constructor` may be anything. */
function kindOf(object: object): string {
  const { constructor } = object as { readonly constructor: unknown };
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "object";
}

/** Objects whose content is not in their properties. */
function isLost(object: object): boolean {
  return ArrayBuffer.isView(object) || LOST.some((kind) => object instanceof kind);
}

const LOST = [Map, Set, WeakMap, WeakSet, Promise, Error, RegExp, ArrayBuffer] as const;

/** The step of a path to a property: `.min`, or `["the name"]`. */
export function stepText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/**
 * `process returned a value whose .min is NaN, which JSON cannot hold`, for a `what` of `process returned`.
 */
export function problemText(what: string, { path, found: there }: JsonProblem): string {
  return `${what} ${path === "" ? there : `a value whose ${path} is ${there}`}, which JSON cannot hold`;
}

/**
 * JSON text that is kept and written again. Throws `SyntaxError`, also for a number that is too large for
 * one: `1e400` would be read as `Infinity` and written as `null`.
 */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  const problem = jsonProblem(value, AS_DATA);
  if (problem) throw new SyntaxError(`${problem.path || "the number"} is too large for a number`);
  return value;
}
