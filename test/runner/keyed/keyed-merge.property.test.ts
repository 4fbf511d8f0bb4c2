import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Contribution, Piece } from "../../../src/core/records/contribution.ts";
import { keyedOutputs } from "../../../src/joins/keyed-outputs.ts";
import type { KeyedOutputs } from "../../../src/joins/keyed-outputs.ts";
import { writeKeyedFiles } from "../../../src/runner/keyed/keyed-files.ts";
import { keyedLine } from "../../../src/runner/keyed/keyed-lines.ts";
import { KeyedMerge } from "../../../src/runner/keyed/keyed-merge.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";
import type { MemoryStore } from "../../../src/testing/memory/store.ts";

interface Item {
  readonly key: string;
  readonly text: string;
}

const FORMATS = [{}, { format: "csv" }, { format: "csv", columns: ["text", "key"] }, { gzip: true }] as const;
const items = fc.array(
  fc.record({
    key: fc.constantFrom("norway", "Norway", "a/b", "é", "", "__proto__", "x".repeat(300)),
    text: fc.string({ maxLength: 2000 }),
  }),
  { maxLength: 60 },
);

/** Each list of cuts divides the children of a level into nodes. */
const cuts = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), {
  maxLength: 3,
});

function slices<T>(values: readonly T[], sizes: readonly number[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0, n = 0; at < values.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    parts.push(values.slice(at, at + size));
    at += size;
  }
  return parts;
}

async function merged(store: MemoryStore, outputs: KeyedOutputs, children: readonly Child[]) {
  const merge = new KeyedMerge(store, outputs);
  for (const child of children) await merge.add(child);
  return merge.pieces();
}

type Child = Pick<Contribution, "outputs" | "keyed">;

/** The text or bytes of each file, and the list. */
async function filesOf(all: readonly Item[], outputs: KeyedOutputs, levels: readonly (readonly number[])[]) {
  const store = memoryStore(1000);
  const [chunkSizes = [1000], ...nodeSizes] = levels;
  let children: Child[] = slices(all, chunkSizes).map((chunk): Child => {
    const text = chunk.map((item) => keyedLine(outputs, item, JSON.stringify(item))).join("");
    const pieces: Piece[] = [{ text }];
    return { outputs: pieces };
  });
  for (const sizes of nodeSizes) {
    const nodes = slices(children, sizes);
    children = await Promise.all(nodes.map(async (node) => ({ keyed: await merged(store, outputs, node) })));
  }
  const keyed = await merged(store, outputs, children);
  const { name, files } = await writeKeyedFiles({ store, base: "out", outputs, keyed });
  const list = store
    .text(name)
    .split("\n")
    .filter((line) => line !== "");
  const names = list.map((line) => (JSON.parse(line) as { file: string }).file);
  const bytes: { [name: string]: string } = {};
  for (const file of names) {
    const blocks = await Array.fromAsync(store.read(`out/${file}`, 0, Number.MAX_SAFE_INTEGER));
    bytes[file] = Buffer.concat(blocks).toString("base64");
  }
  expect(files?.count).toBe(names.length);
  return { list, bytes };
}

test.for(FORMATS.map((format) => [format]))(
  "any cut, and any tree, gives the same files: %j",
  async ([format]) => {
    const outputs = keyedOutputs({ by: "key", ...format });
    await fc.assert(
      fc.asyncProperty(items, cuts, async (all, levels) => {
        const whole = await filesOf(all, outputs, []);
        expect(await filesOf(all, outputs, levels)).toEqual(whole);
        expect(new Set(Object.keys(whole.bytes).map((name) => name.toLowerCase())).size).toBe(
          new Set(all.map(({ key }) => key)).size,
        );
      }),
      { numRuns: 40 },
    );
  },
);

test("a file has the values of its key, in input order", async () => {
  const outputs = keyedOutputs({ by: "key" });
  const all = Array.from({ length: 500 }, (_, n) => ({ key: `k${n % 7}`, text: `${n}`.repeat(n % 50) }));
  const { bytes } = await filesOf(all, outputs, [[3, 8], [5], [4]]);
  for (let k = 0; k < 7; k++) {
    const lines = all.filter(({ key }) => key === `k${k}`).map((item) => `${JSON.stringify(item)}\n`);
    expect(Buffer.from(bytes[`key=k${k}.jsonl`] ?? "", "base64").toString()).toBe(lines.join(""));
  }
});

test("more than 10,000 keys are refused", async () => {
  const outputs = keyedOutputs({ by: "key" });
  const all = Array.from({ length: 10_001 }, (_, n) => ({ key: `k${n}`, text: "" }));
  await expect(filesOf(all, outputs, [])).rejects.toMatchObject({ code: "JOIN_TOO_LARGE" });
  await expect(filesOf(all, outputs, [[5000], [1]])).rejects.toMatchObject({ code: "JOIN_TOO_LARGE" });
  expect((await filesOf(all.slice(1), outputs, [])).list).toHaveLength(10_000);
});
