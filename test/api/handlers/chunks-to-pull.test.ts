/** `GET /batches/{batch}/chunks`, for `fanjoin pull`. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { files } from "../../../src/input/files.ts";
import { defineJob } from "../../../src/job/job.ts";
import { csvJob, lineJob } from "../../steps/jobs.ts";
import { apiStage } from "../api-stage.ts";
import type { ApiStage, Reply } from "../api-stage.ts";

const ROWS = `id,note\n${Array.from({ length: 50 }, (_, n) => `${n},${n % 10 === 3 ? "bad" : "x"}\n`).join("")}`;

interface Chunk {
  readonly chunk: number;
  readonly before: { readonly items: number | null; readonly lines: number | null };
  readonly text: { readonly at: number; readonly bytes: number };
  readonly bytes: { readonly url: string; readonly start: number; readonly end: number };
}

interface Page {
  readonly sources: readonly { readonly label: string; readonly head: string }[];
  readonly chunks: readonly Chunk[];
  readonly cursor: string | null;
}

function page({ status, json }: Reply): Page {
  expect([status, json]).toEqual([200, expect.anything()]);
  return json as Page;
}

async function ended(of: ApiStage, body: object): Promise<string> {
  const { batch } = await of.submit(body);
  await of.stage.pump();
  return batch;
}

test("the failed chunks have positions, the header, and signed URLs of their ranges", async () => {
  const of = await apiStage(csvJob({ retries: 0 }));
  const object = of.put("inputs/a.csv", ROWS);
  const batch = await ended(of, { input: { object }, params: null, chunk: { items: 4 } });
  const { sources, chunks, cursor, ...settings } = page(await of.get(`/batches/${batch}/chunks?failed`));
  expect(settings).toMatchObject({ batch, job: "csv-job", params: null, reader: "csv", concurrency: 1 });
  expect(cursor).toBeNull();
  expect(sources).toMatchObject([{ label: object, head: Buffer.from("id,note\n").toString("base64") }]);
  expect(chunks.map(({ chunk, before }) => [chunk, before.items, before.lines])).toEqual(
    [0, 3, 5, 8, 10].map((chunk) => [chunk, 4 * chunk, 4 * chunk + 1]),
  );
  for (const { text, bytes } of chunks) {
    expect(bytes.url).toContain(`https://signed.example/${object}`);
    expect(ROWS.slice(bytes.start, bytes.end)).toMatch(/^\d+,.*bad\n/s);
    expect(text).toEqual({ at: bytes.start, bytes: bytes.end - bytes.start });
  }
});

test("failed chunks come in pages, each once", async () => {
  const of = await apiStage(lineJob((line) => JSON.parse(line)));
  const object = of.put("inputs/a.txt", "x\n".repeat(130));
  const batch = await ended(of, { input: { object }, chunk: { items: 1 } });
  const sizes: number[] = [];
  const numbers: number[] = [];
  for (let query: string | null = "failed"; query !== null;) {
    const { chunks, cursor }: Page = page(await of.get(`/batches/${batch}/chunks?${query}`));
    sizes.push(chunks.length);
    numbers.push(...chunks.map(({ chunk }) => chunk));
    query = cursor === null ? null : `failed&cursor=${cursor}`;
  }
  expect(numbers).toEqual(Array.from({ length: 130 }, (_, n) => n));
  expect(Math.max(...sizes)).toBe(20);
});

test("small objects that share a chunk are given one by one, and a page has a thousand of them at most", async () => {
  const of = await apiStage(lineJob((line) => JSON.parse(line)));
  const count = 1500;
  const urls = Array.from({ length: count }, (_, n) =>
    of.put(`inputs/${String(n).padStart(4, "0")}.txt`, `x${n}\n`),
  );
  const batch = await ended(of, { input: { prefix: "s3://ours/inputs/" }, chunk: { bytes: 4000 } });
  const found: string[] = [];
  const sizes: number[] = [];
  for (let query: string | null = "failed"; query !== null;) {
    const { sources, chunks, cursor }: Page = page(await of.get(`/batches/${batch}/chunks?${query}`));
    sizes.push(chunks.length);
    found.push(...sources.map(({ label }) => label));
    expect(chunks.every(({ text, bytes }) => bytes.start === 0 && bytes.end === text.bytes)).toBe(true);
    query = cursor === null ? null : `failed&cursor=${cursor}`;
  }
  expect(found).toEqual(urls);
  expect(sizes.length).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
});

test("the spooled text of a packed input is given, and not the packed object", async () => {
  const of = await apiStage(csvJob({ retries: 0 }));
  const object = of.put("inputs/a.csv.gz", "");
  of.stage.store.put(object, gzipSync(ROWS));
  const batch = await ended(of, { input: { object }, chunk: { items: 4 } });
  const { sources, chunks } = page(await of.get(`/batches/${batch}/chunks?chunk=5`));
  expect(sources[0]?.head).toBe(Buffer.from("id,note\n").toString("base64"));
  const [found] = chunks;
  const name = decodeURIComponent(new URL(found?.bytes.url ?? "").pathname.slice(1));
  const spool = of.stage.store.text(name).slice(found?.bytes.start, found?.bytes.end);
  expect(spool).toBe("20,x\n21,x\n22,x\n23,bad\n");
  expect(found).toMatchObject({
    spooled: true,
    before: { items: 20, lines: 21 },
    text: { at: ROWS.indexOf(spool) },
  });
});

test("an input that has changed is refused, and so are files() and a batch that runs", async () => {
  const of = await apiStage(csvJob({ retries: 0 }));
  const object = of.put("inputs/a.csv", ROWS);
  const { batch: running } = await of.submit({ input: { object } });
  expect(await of.get(`/batches/${running}/chunks?failed`)).toMatchObject({
    status: 409,
    json: { code: "BATCH_NOT_READY" },
  });
  await of.stage.pump();
  of.put("inputs/a.csv", `${ROWS}\n`);
  const changed = await of.get(`/batches/${running}/chunks?failed`);
  expect(changed).toMatchObject({ status: 409, json: { code: "INPUT_CHANGED" } });
  const whole = await apiStage(defineJob({ name: "whole", input: files(), process: () => 1 }));
  const given = whole.put("inputs/a.txt", "x");
  const batch = await ended(whole, { input: { object: given } });
  expect(await whole.get(`/batches/${batch}/chunks?chunk=0`)).toMatchObject({
    status: 400,
    json: { code: "REQUEST_INVALID" },
  });
});

test.for([
  ["", "give either chunk=N, or failed"],
  ["?chunk=1&failed", "give either chunk=N, or failed"],
  ["?chunk=-1", 'chunk must be a whole number, but is "-1"'],
  ["?chunk=9", "has the chunks 0 to 0, and none with the number 9"],
  ["?failed&cursor=x", "cursor must be a whole number"],
  ["?chunk=0&cursor=0", "it has no cursor"],
  ["?failed=no", "failed takes no value"],
  ["?page=2", 'there is no parameter "page"'],
] as const)("the query %j is refused with a sentence", async ([query, detail]) => {
  const of = await apiStage(lineJob());
  const batch = await ended(of, { input: { items: ["x"] } });
  const { status, json } = await of.get(`/batches/${batch}/chunks${query}`);
  expect(status).toBe(400);
  expect(json).toMatchObject({ code: "REQUEST_INVALID", detail: expect.stringContaining(detail) });
});
