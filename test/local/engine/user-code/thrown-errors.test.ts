/** What items throw, as it stands in `failed.jsonl`: real threads, and real files of a job. */
import { relative } from "node:path";
import { expect, test } from "vitest";
import { begin, failedLines, until } from "../batches-run.ts";
import { bench } from "../engines.ts";

const HELPER = `
export class Declined extends Error {}
export function charge(n: number): number {
  throw new Declined("no money", { cause: new AggregateError([new TypeError("a"), "b"], "") });
}`;

const JOB = `import { count, defineJob, range } from "fanjoin";
import { charge } from "./helper.ts";
const trap = () => { throw new Error("trap"); };
const thrown = [
  "a text", null, undefined, { status: 502 }, Object.create(null), new Proxy(new Error("x"), { get: trap, getPrototypeOf: trap }),
  Object.defineProperties(new Error("x"), { message: { get: trap }, name: { get: trap }, stack: { get: trap }, cause: { get: trap } }),
];
export default defineJob({
  name: "throws", input: range(thrown.length + 3), retries: 0, join: count(),
  process: async (n) => {
    if (n < thrown.length) throw thrown[n];
    if (n === thrown.length) await Promise.resolve().then(() => charge(n));
    if (n === thrown.length + 1) return charge(n);
    return n;
  },
});`;

test("everything that can be thrown costs one item with a sentence, and errors keep causes and places", async () => {
  const at = bench();
  at.write("helper.ts", HELPER);
  const engine = await begin(at, JOB, { items: 4 });
  expect(await engine.finished("01A")).toMatchObject({ totals: { succeeded: 1, failed: 9 } });
  await until(() => failedLines(at).length === 9);
  const lines = failedLines(at);
  expect(lines.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(lines.slice(0, 7).map(({ error }) => error)).toEqual([
    { name: "string", message: "a text" },
    { name: "object", message: "null was thrown, which is no error" },
    { name: "undefined", message: "undefined was thrown, which is no error" },
    { name: "object", message: '{"status":502}' },
    { name: "object", message: "the thrown value cannot be shown" },
    { name: "object", message: "the thrown value cannot be shown" },
    { name: "Error", message: "the message of this error cannot be read" },
  ]);
  const path = (name: string): string => relative(process.cwd(), at.path(name));
  const frame = `charge (${path("helper.ts")}:4:9)`;
  const declined = {
    name: "Declined",
    message: "no money",
    cause: {
      name: "AggregateError",
      message: "",
      errors: [
        {
          name: "TypeError",
          message: "a",
          stack: expect.arrayContaining([expect.stringContaining("charge (")]),
        },
        { name: "string", message: "b" },
      ],
    },
  };
  expect(lines[7]?.error).toMatchObject({
    ...declined,
    stack: [frame, `${path("job.ts")}:12:65`, `Object.process (${path("job.ts")}:12:30)`],
  });
  expect(lines[8]?.error).toMatchObject({
    ...declined,
    stack: [frame, `Object.process (${path("job.ts")}:13:41)`],
  });
});

test("the frames of a job are found below many frames of a package", async () => {
  const at = bench();
  at.write("node_modules/deep/package.json", `{ "name": "deep", "type": "module", "exports": "./index.js" }`);
  at.write(
    "node_modules/deep/index.js",
    `export function deep(n) { if (n === 0) throw new RangeError("too deep"); deep(n - 1); }`,
  );
  const text = `import { count, defineJob, range } from "fanjoin";
    import { deep } from "deep";
    export default defineJob({ name: "deep", input: range(1), retries: 0, join: count(), process: () => deep(20) });`;
  const engine = await begin(at, text);
  await engine.finished("01A");
  await until(() => failedLines(at).length === 1);
  const place = relative(process.cwd(), at.path("job.ts"));
  expect(failedLines(at)[0]?.error).toEqual({
    name: "RangeError",
    message: "too deep",
    stack: [`Object.process (${place}:3:105)`],
  });
});

test("a log entry costs no item, whatever it holds", async () => {
  const at = bench();
  const text = `import { count, defineJob, range } from "fanjoin";
    const odd = [Symbol("s"), () => 1, Object.create(null), { toString() { throw new Error("no"); } }, new Proxy({}, { get() { throw new Error("no"); } })];
    export default defineJob({ name: "logs", input: range(odd.length), retries: 0, join: count(), process: (n, { log }) => {
      log.info(odd[n]);
      log.info("fields", { odd: odd[n], fn() {} });
    } });`;
  const engine = await begin(at, text);
  expect(await engine.finished("01A")).toMatchObject({ totals: { succeeded: 5, failed: 0 } });
  expect(at.log.map(({ message }) => message)).toEqual(
    expect.arrayContaining(["Symbol(s)", "(cannot be shown)"]),
  );
});
