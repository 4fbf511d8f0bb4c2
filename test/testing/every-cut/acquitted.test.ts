import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import birdStrikes from "../../../examples/bird-strikes.ts";
import earthquakes from "../../../examples/earthquakes.ts";
import leakedPasswords from "../../../examples/leaked-passwords.ts";
import ordersByCountry from "../../../examples/orders-by-country.ts";
import primes from "../../../examples/primes.ts";
import strikesToJsonl from "../../../examples/strikes-to-jsonl.ts";
import supplierCheck from "../../../examples/supplier-check.ts";
import wordCount from "../../../examples/word-count.ts";
import { drop } from "../../../src/core/drop.ts";
import { csv } from "../../../src/input/csv.ts";
import { files } from "../../../src/input/files.ts";
import { from } from "../../../src/input/from.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import { range } from "../../../src/input/range.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { defineJob } from "../../../src/job/job.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { fold } from "../../../src/joins/fold.ts";
import { testJob } from "../../../src/testing/testing.ts";
import type { TestInput } from "../../../src/testing/testing.ts";
import { textOf } from "../../examples/run.ts";

const options = { everyCut: true, seed: 11 };

/** The first lines of a sample input. */
function head(input: string, lineCount: number): string {
  return textOf(input)
    .split("\n")
    .slice(0, lineCount)
    .map((line) => `${line}\n`)
    .join("");
}

test("examples that group, convert and fold are not accused", async () => {
  const strikes = { text: head("birdstrikes.csv", 20) };
  expect((await testJob(birdStrikes, strikes, options)).items.total).toBe(19);
  expect((await testJob(strikesToJsonl, { text: head("birdstrikes.csv", 6) }, options)).outputs.length).toBe(
    5,
  );
  const quakes = await testJob(earthquakes, { text: head("earthquakes.jsonl", 30) }, options);
  expect(quakes.result?.hours).toBeGreaterThan(0);
  const book = { "1.txt": "One fish, two fish", "2.txt": "red fish", "3.txt": "", "4.txt": "Blue. Two." };
  expect((await testJob(wordCount, { files: book }, options)).result.top[0]).toEqual(["fish", 3]);
});

test("an example that computes is not accused", async () => {
  const blocks = await testJob(primes, { items: [0, 1, 2, 3] }, options);
  expect(blocks.result).toBe(4203);
  const { result } = await testJob(leakedPasswords, { text: head("accounts.jsonl", 2) }, options);
  expect(result.accounts).toBe(2);
});

/** A service that answers every request with what `answer` makes of its path. */
async function serve(answer: (path: string) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify(answer(request.url ?? "")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("examples that ask a service are not accused", async () => {
  const url = await serve((path) => ({ valid: path.endsWith("1"), name: path }));
  const suppliers = { text: "supplier,country,vat\nA,NO,11\nB,PT,12\nC,no,1\nD,FR,21\n" };
  const { result } = await testJob(supplierCheck, suppliers, { ...options, params: { url } });
  expect(result).toEqual({ checked: 3, valid: 2, rows: 3 });
  const order = (id: string) => ({ id, country: "NO", lines: [{ cents: 5, quantity: 2 }] });
  const pages = await serve((path) =>
    path.includes("cursor")
      ? { orders: [order("c"), { id: "d" }], next: null }
      : { orders: [order("a")], next: "2" },
  );
  const params = { url: pages, from: "2026-01-01", to: "2026-01-02" };
  const orders = await testJob(ordersByCountry, undefined, { ...options, params });
  expect(orders.result).toEqual({ NO: { orders: 2, cents: 20 } });
});

test("an example given by the URL of its module is not accused", async () => {
  const url = new URL("../../../examples/earthquakes.ts", import.meta.url);
  const text = head("earthquakes.jsonl", 5);
  expect((await testJob<typeof earthquakes>(url, { text }, options)).items.failed).toBe(0);
});

test("a cache that only saves work is not accused", async () => {
  const cubes = new Map<number, number>();
  const process = (n: number): number => {
    const cube = cubes.get(n) ?? n ** 3;
    cubes.set(n, cube);
    return cube;
  };
  const job = defineJob({ name: "cached", input: jsonl<number>(), process, join: collect() });
  expect((await testJob(job, { items: [1, 2, 2, 3] }, options)).outputs).toEqual([1, 8, 8, 27]);
});

const concatenation = fold<number, string>({
  init: () => "",
  add: (acc, n) => `${acc}${n},`,
  merge: (left, right) => left + right,
});
const first = fold<number, number | null>({
  init: () => null,
  add: (acc, n) => acc ?? n,
  merge: (left, right) => left ?? right,
});
const last = fold<number, number | null>({
  init: () => null,
  add: (_, n) => n,
  merge: (left, right) => right ?? left,
});

test.for([
  ["concatenation", concatenation, "5,1,-2,2,"],
  ["the first item", first, 5],
  ["the last item", last, 2],
] as const)("%s is associative without being commutative, and is not accused", async ([, join, expected]) => {
  const process = (n: number) => (n === 0 ? drop : n);
  const job = defineJob<number, number, number>({ name: "ordered", input: jsonl(), process, join });
  expect((await testJob(job, { items: [5, 1, 0, -2, 2] }, options)).result).toBe(expected);
});

const TEXT = "1\n2\n\n3\nx\n4\n";

test.for([
  ["csv()", csv(), { text: 'a,b\n1,2\n\n"x\ny",3\n5\n6,7' }],
  ["csv({ quote: false })", csv({ quote: false }), { text: "a,b\n1,2\n5\n6,7\n" }],
  ["jsonl()", jsonl(), { text: TEXT }],
  ["lines()", lines(), { files: { "1.txt": "1\n\n3", "2.txt": "", "3.txt": "4\r\n5\n" } }],
  ["json()", json(), { text: '[1, {"a": [2]}, "three"]' }],
  ["a packed text", jsonl(), { text: gzipSync(TEXT) }],
  ["damaged packed texts", jsonl(), { files: { "1.gz": gzipSync(TEXT).subarray(0, -4), "2.jsonl": TEXT } }],
  ["range()", range(3, 8), undefined],
  ["from()", from(() => [1, { b: 2 }, "c"]), undefined],
  ["files()", files(), { files: { a: "1", b: "", c: "3" } }],
  ["files({ as })", files({ as: "text" }), { files: { a: "1", b: "", c: "3" } }],
  ["items", files(), { items: [1, null, "two"] }],
] satisfies [string, Reader, TestInput | undefined][])(
  "the items, positions and keys of %s are the same in every cut",
  async ([, input, given]) => {
    const job = defineJob({
      name: "read",
      input,
      retries: 0,
      process(item, { key, position: { source, offset } }) {
        if (item === 3 || item === "3") throw new Error("three");
        // A file that is read on demand has functions.
        const seen = typeof item === "object" && item !== null && "stream" in item ? null : item;
        return [seen, key, source, offset];
      },
      join: collect(),
    });
    const { outputs, items } = await testJob(job, given, options);
    expect(outputs.length).toBeGreaterThan(1);
    expect(items.total).toBe(outputs.length + items.failed);
  },
);
