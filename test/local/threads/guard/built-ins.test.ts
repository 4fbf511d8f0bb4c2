/** Jobs that replace, at their top level, what the language or Node has built in. */
import { expect, test } from "vitest";
import { captureBuiltIns } from "../../../../src/local/threads/guard/built-ins.ts";
import { begin, failedLines, until } from "../../engine/batches-run.ts";
import { bench } from "../../engine/engines.ts";

/** Its items wait, fail, are tried again, time out, log and are collected. */
const job = (deed: string): string => `
  import { collect, count, defineJob, fold, groupBy, range } from "fanjoin";
  const { setTimeout: realTimeout, Promise: RealPromise } = globalThis;
  const job = defineJob({
    name: "replaces", input: range(40), concurrency: 4, itemTimeoutMs: 2000, retries: { limit: 1, baseMs: 1 },
    join: { all: collect(), even: groupBy((n) => String(n % 2), count()), order: fold({ init: () => "", add: (a, n) => a + n + ",", merge: (a, b) => a + b }) },
    async process(n, ctx) {
      await new RealPromise((resolve) => realTimeout(resolve, n % 3));
      if (n === 7 && ctx.attempt === 1) throw new Error("once");
      if (n === 9) throw new Error("always");
      ctx.log.info("item", { n });
      return n;
    },
  });
  ${deed}
  export default job;`;

const BLUEBIRD = `globalThis.Promise = class Bluebird {
    constructor(run) { this.own = new RealPromise(run); }
    then(...args) { return this.own.then(...args); }
    static map() { return "bluebird"; }
  };`;

const FAKE_TIMERS = `for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "clearTimeout", "clearInterval"])
    globalThis[name] = () => undefined;
  globalThis.Date = class { static now() { return 0; } };
  globalThis.performance = { now: () => 0 };
  Math.random = () => 0;`;

/** Replacements that a job makes. The pattern matches the names that the job has to put back. */
const DEEDS: readonly (readonly [what: string, deed: string, putBack: RegExp | null])[] = [
  ["nothing", "Array.prototype.mine = 1; BigInt.prototype.toJSON = String;", null],
  ["the global Promise, as Bluebird does", BLUEBIRD, null],
  ["timers and clocks, as test libraries do", FAKE_TIMERS, null],
  [
    "signals and other globals of Node",
    "globalThis.AbortController = globalThis.AbortSignal = globalThis.structuredClone = null;",
    null,
  ],
  [
    "the iterator of arrays",
    "Array.prototype[Symbol.iterator] = () => { throw new Error('mine'); };",
    /"Array\.prototype\[Symbol\.iterator\]", which/,
  ],
  [
    "the steps of that iterator",
    "Object.getPrototypeOf([].values()).next = null;",
    /"ArrayIterator\.prototype\.next", which/,
  ],
  [
    "JSON",
    "JSON.stringify = () => 'mine'; JSON.parse = () => 'mine';",
    /"JSON\.parse", "JSON\.stringify", which/,
  ],
  [
    "the methods of promises",
    "Promise.prototype.then = () => {}; Promise.all = null;",
    /"Promise\.all", .*prototype\.then/,
  ],
  [
    "maps and sets",
    "globalThis.Map = null; Set.prototype.add = null;",
    /"Map", "Set\.prototype\.add", which/,
  ],
  [
    "everything",
    `${BLUEBIRD} ${FAKE_TIMERS} Array.prototype.push = Array.prototype.map = Object.entries = String.prototype.split = null;`,
    /"Object\.entries"/,
  ],
];

test.for(DEEDS)("a job that replaces %s gives the same result", async ([, deed, putBack]) => {
  const at = bench();
  const engine = await begin(at, job(deed), { items: 8 });
  const { totals, result } = await engine.finished("01A");
  expect(totals).toMatchObject({ succeeded: 39, failed: 1 });
  const items = Array.from({ length: 40 }, (_, n) => n).filter((n) => n !== 9);
  expect(result).toMatchObject({
    result: { value: { even: { 0: 20, 1: 19 }, order: `${items.join(",")},` } },
  });
  await until(() => failedLines(at).length === 1);
  expect(failedLines(at)).toMatchObject([
    { index: 9, attempts: 2, error: { name: "Error", message: "always" } },
  ]);
  const warnings = at.log.filter(({ level }) => level === "warn").map(({ message }) => message);
  expect(warnings).toHaveLength(putBack === null ? 0 : 1);
  expect(warnings.join("")).toMatch(putBack ?? /^$/);
});

test.for(DEEDS.filter(([, , putBack]) => putBack === null))(
  "a job that replaces %s before it calls fanjoin gives the same result",
  async ([, deed]) => {
    const at = bench();
    const text = job("").replace("const job =", `${deed}\n  const job =`);
    const engine = await begin(at, text, { items: 8 });
    expect(await engine.finished("01A")).toMatchObject({ totals: { succeeded: 39, failed: 1 } });
  },
);

test("what cannot be put back makes the job unusable, with its name", async () => {
  const at = bench();
  const engine = await at.open(2);
  const deed =
    "Object.defineProperty(JSON, 'stringify', { value: () => 'mine', writable: false, configurable: false });";
  await expect(engine.load(at.write("job.ts", job(deed)))).rejects.toMatchObject({
    code: "JOB_INVALID",
    message: expect.stringMatching(
      /it replaces JSON\.stringify for good, which fanjoin needs as it was/,
    ) as string,
  });
});

test.for([
  "Array.prototype[Symbol.iterator] = () => { throw new Error('mine'); };",
  "Object.entries = Object.keys = null;",
  "globalThis.Map = globalThis.Set = null; Set.prototype.add = null;",
])(
  "if fanjoin's own functions at the top level of the job fail for that, the message says so: %s",
  async (deed) => {
    const at = bench();
    const engine = await at.open(1);
    const text = job("").replace("const job =", `${deed}\n  const job =`);
    await expect(engine.load(at.write("job.ts", text))).rejects.toMatchObject({
      code: "JOB_INVALID",
      message: expect.stringMatching(
        /it cannot be loaded: [^]*The job replaces "[^]*, which fanjoin needs as built in/,
      ) as string,
    });
  },
);

test("a job that throws after it has replaced built-ins is explained", async () => {
  const at = bench();
  const engine = await at.open(1);
  const deed = `${BLUEBIRD} Array.prototype[Symbol.iterator] = JSON.stringify = String.prototype.split = null; throw new Error("not today");`;
  await expect(engine.load(at.write("job.ts", job(deed)))).rejects.toThrow(/job\.ts: .*Error: not today\n/);
});

test("everything is put back that was replaced, and nothing else is touched", () => {
  const builtIns = captureBuiltIns();
  expect(builtIns.putBack()).toEqual([]);
  const { Map: RealMap } = globalThis;
  const { prototype } = Array;
  const iterator = Object.getOwnPropertyDescriptor(prototype, Symbol.iterator);
  const at = Object.getOwnPropertyDescriptor(prototype, "at");
  try {
    globalThis.Map = class extends RealMap {};
    Object.defineProperty(prototype, Symbol.iterator, { value: null });
    Reflect.deleteProperty(prototype, "at");
  } finally {
    expect(builtIns.putBack()).toEqual(["Map", "Array.prototype.at", "Array.prototype[Symbol.iterator]"]);
  }
  expect(globalThis.Map).toBe(RealMap);
  expect(Object.getOwnPropertyDescriptor(prototype, Symbol.iterator)).toEqual(iterator);
  expect(Object.getOwnPropertyDescriptor(prototype, "at")).toEqual(at);
});
