/** Every try of an item gets it as the reader and the schema made it. */
import { expect, test } from "vitest";
import * as z from "zod";
import { csv } from "../../../src/input/csv.ts";
import { items } from "../../../src/input/items.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { range } from "../../../src/input/range.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { stage } from "../../steps/stage.ts";
import type { StageOptions } from "../../steps/stage-spec.ts";

async function run(options: StageOptions): ReturnType<typeof stage> {
  const one = await stage(options);
  await one.submit();
  await one.pump();
  expect(one.log).toEqual([]);
  return one;
}

interface Priced {
  price: number;
}

const rows = [{ price: 100 }, { price: 100 }, { price: 100 }];
const Price = z.object({ price: z.string().trim().min(1).pipe(z.coerce.number()) });
/** Passes the reader's own object on, as a schema without changes does in some libraries. */
const Same = z.custom<Priced>((value) => typeof value === "object");

test.for<[title: string, reader: Reader, text: string, schema: z.ZodType<Priced> | undefined]>([
  ["CSV with a schema", csv(), "price\n100\n100\n100\n", Price],
  ["JSON lines with a schema", jsonl(), rows.map((row) => JSON.stringify(row)).join("\n"), Same],
  ["JSON lines without a schema", jsonl(), rows.map((row) => JSON.stringify(row)).join("\r\n"), undefined],
  ["a JSON array", json(), JSON.stringify(rows), undefined],
])("an item of %s that was changed in place is tried again as it was", async ([, input, text, item]) => {
  let first = true;
  const job = defineJob({
    name: "prices",
    input: input as Reader<Priced>,
    item,
    process(row: Priced) {
      row.price *= 1.25;
      if (!first) return row;
      first = false;
      throw new Error("not at the first try");
    },
    retries: { limit: 2, baseMs: 1, maxMs: 1 },
    join: sum((row: Priced) => row.price),
  }) as Job;
  const one = await run({ job, inputs: { in: text } });
  expect(one.result()).toBe(375);
});

test("a row of CSV without a schema, with picked columns and quotes, is tried again as it was", async () => {
  const seen: unknown[] = [];
  const job = defineJob({
    name: "rows",
    input: csv({ pick: ["b"] }),
    process(row: { b: string }, { attempt }) {
      seen.push({ ...row });
      row.b = "changed";
      if (attempt < 3) throw new Error("again");
    },
    retries: { limit: 2, baseMs: 1, maxMs: 1 },
  }) as unknown as Job;
  await run({ job, inputs: { in: 'a,b\n1,"x ""y""\nz"\n' } });
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ b: 'x "y"\nz' })));
});

test("inline items and params are the same for every try", async () => {
  const job = defineJob({
    name: "inline",
    input: items([{ price: 1 }]),
    params: z.object({ rates: z.array(z.number()) }),
    process(row: Priced, { attempt, params }) {
      row.price += 1;
      expect(() => params.rates.push(1)).toThrow(TypeError);
      if (attempt === 1) throw new Error("again");
      return row.price;
    },
    retries: { limit: 1, baseMs: 1, maxMs: 1 },
    join: sum(),
  }) as Job;
  const one = await run({ job, params: { rates: [2] }, inputs: { in: '{"price":1}\n' } });
  expect(one.result()).toBe(2);
});

test("ctx.key is the same in every try and for every chunk size, and each item has its own", async () => {
  const keysOf = async (input: Reader, inputs: StageOptions["inputs"], chunkItems: number) => {
    const job = defineJob({
      name: "keys",
      input: input as Reader<string>,
      process(_: string, { key, attempt }) {
        if (attempt === 1) throw new Error("again");
        return key;
      },
      retries: { limit: 1, baseMs: 1, maxMs: 1 },
      join: collect(),
    }) as Job;
    const one = await run({ job, chunk: { items: chunkItems }, ...(inputs ? { inputs } : {}) });
    expect(one.failed()).toEqual([]);
    return one.outputs();
  };
  const text = Array.from({ length: 9 }, (_, n) => `{"n":${n}}`).join("\n");
  for (const [input, inputs] of [
    [jsonl(), { one: text, two: text }],
    [json(), { in: `[${text.replaceAll("\n", ",")}]` }],
    [csv({ columns: ["n"] }), { in: text }],
    [range(5, 20), undefined],
  ] as const) {
    const keys = await keysOf(input, inputs, 100);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(8);
    expect(await keysOf(input, inputs, 2)).toEqual(keys);
  }
});
