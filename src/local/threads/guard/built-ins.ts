/**
 * A job that replaces built-ins would change what fanjoin's own code in its thread does: `for … of` asks
 * `Array.prototype`, and values are written with `JSON.stringify`. So these are put back once the job is
 * loaded. What fanjoin can hold on to itself stays replaced: the global `Promise`, timers, clocks, signals
 * (`core/native-promise.ts`, `runner/captured.ts`). So do properties that a job adds.
 *
 * Nothing here may use what it puts back: no iterators, no methods of arrays.
 */
import { namesText } from "../../../core/errors/errors.ts";

/**
 * The globals that fanjoin's code asks for by name while it runs. Node makes many others when their property
 * is first looked at, which takes long.
 */
const GLOBALS = (
  "Array ArrayBuffer Atomics BigInt Boolean Buffer DataView Error Float64Array Function Infinity Int32Array " +
  "JSON Map Math NaN Number Object Proxy RangeError Reflect RegExp Set SharedArrayBuffer String Symbol " +
  "SyntaxError TextDecoder TextEncoder TypeError URL Uint8Array WeakMap WeakSet decodeURIComponent " +
  "encodeURIComponent isFinite isNaN parseFloat parseInt undefined"
).split(" ");

interface Original {
  readonly holder: object;
  readonly key: PropertyKey;
  /** For messages. */
  readonly name: string;
  readonly property: PropertyDescriptor;
}

export interface BuiltIns {
  /**
   * Puts back what was replaced, and returns its names. Throws a `TypeError` for what cannot be put back.
   */
  putBack(): string[];
}

const { getOwnPropertyDescriptor, defineProperty, getPrototypeOf } = Object;
const { ownKeys } = Reflect;

/** To be called before the job is loaded. */
export function captureBuiltIns(): BuiltIns {
  const originals: Original[] = [];
  const add = (holder: object, key: PropertyKey, name: string): void => {
    const property = getOwnPropertyDescriptor(holder, key);
    if (property?.configurable === true) originals.push({ holder, key, name, property });
  };
  for (const name of GLOBALS) add(globalThis, name, name);
  for (const [holder, name] of holders()) {
    for (const key of ownKeys(holder)) {
      const member = `${name}${typeof key === "symbol" ? `[${key.description ?? ""}]` : `.${key}`}`;
      if (!SETTINGS.has(member)) add(holder, key, member);
    }
  }
  return { putBack: () => putBack(originals) };
}

/** Settings, and what the runner holds on to: a job may change them. */
const SETTINGS = new Set(["Math.random", "Error.stackTraceLimit", "Error.prepareStackTrace"]);

/** This many replaced built-ins are named. */
const MAX_NAMES = 5;

/** The sentence about built-ins that were put back. */
export function replacedText(names: readonly string[]): string {
  return `The job replaces ${namesText(names, MAX_NAMES)}, which fanjoin needs as built in, so that was put back. Use a function of your own in its place.`;
}

/** The objects whose methods fanjoin calls, or that a loop or a spread asks. */
function holders(): [object, string][] {
  const all: [object, string][] = [
    [JSON, "JSON"],
    [Math, "Math"],
    [Reflect, "Reflect"],
    [Atomics, "Atomics"],
    [parentOf(Uint8Array), "TypedArray"],
    [parentOf(Uint8Array.prototype), "TypedArray.prototype"],
    [parentOf([].values()), "ArrayIterator.prototype"],
    [parentOf(parentOf([].values())), "Iterator.prototype"],
    [parentOf(new Map().values()), "MapIterator.prototype"],
    [parentOf(new Set().values()), "SetIterator.prototype"],
    [parentOf(""[Symbol.iterator]()), "StringIterator.prototype"],
    [parentOf("".matchAll(/x/g)), "RegExpStringIterator.prototype"],
    [parentOf(parentOf((function* () {})())), "Generator.prototype"],
    [parentOf(parentOf((async function* () {})())), "AsyncGenerator.prototype"],
    [parentOf(parentOf(parentOf((async function* () {})()))), "AsyncIterator.prototype"],
  ];
  for (const one of CLASSES) all.push([one, one.name], [one.prototype, `${one.name}.prototype`]);
  return all;
}

interface Class {
  readonly name: string;
  readonly prototype: object;
}

const CLASSES: readonly Class[] = [
  Array,
  ArrayBuffer,
  BigInt,
  Buffer,
  DataView,
  Error,
  Function,
  Map,
  Number,
  Object,
  Promise,
  RegExp,
  Set,
  String,
  Symbol,
  TextDecoder,
  TextEncoder,
  Uint8Array,
  WeakMap,
];

function parentOf(value: object): object {
  return getPrototypeOf(value) as object;
}

function putBack(originals: readonly Original[]): string[] {
  const replaced: string[] = [];
  for (let at = 0; at < originals.length; at++) {
    const { holder, key, name, property } = originals[at] as Original;
    const now = getOwnPropertyDescriptor(holder, key);
    if (now !== undefined && now.value === property.value && now.get === property.get) continue;
    try {
      defineProperty(holder, key, property);
    } catch {
      throw new TypeError(
        `it replaces ${name} for good, which fanjoin needs as it was: leave it as it is, or let it be configurable`,
      );
    }
    replaced[replaced.length] = name;
  }
  return replaced;
}
