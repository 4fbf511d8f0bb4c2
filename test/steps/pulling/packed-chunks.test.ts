/** Chunks of packed sources as `pull` is told of them: their bytes come from the text that was spooled. */
import { crc32, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ChunkToPull, StoredBytes } from "../../../src/batch/pulled/pull-page.ts";
import { piecesOf } from "../../../src/core/records/pulled-text.ts";
import { chunksToPull } from "../../../src/steps/pulling/chunks-to-pull.ts";
import { csvJob, lineJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import type { StageOptions } from "../stage-spec.ts";

async function ended(options: StageOptions): Promise<Stage> {
  const at = await stage({ blockBytes: 1000, ...options });
  Object.assign(at.ports.store, { sums: true });
  await at.submit();
  await at.pump();
  expect(at.ended()).toBe(true);
  return at;
}

function failing(line: string): string {
  if (line.startsWith("bad")) throw new TypeError("no");
  return line;
}

async function bytesOf({ store }: Stage, stored: StoredBytes | null): Promise<Buffer> {
  if (!stored) throw new Error("there are no bytes");
  const { name, ranges, version } = stored;
  const parts = ranges.map(({ start, end }) => Array.fromAsync(store.read(name, start, end, version)));
  return Buffer.concat((await Promise.all(parts)).flat());
}

const placeIn = ({ text }: ChunkToPull): unknown => piecesOf(text);

test("the bytes of a packed source's chunk come from its spool: whole lines, no byte before, and a checksum", async () => {
  const lines = Array.from({ length: 60 }, (_, n) => (n % 20 === 13 ? `bad ${n}\n` : `line ${n}\n`));
  const text = lines.join("");
  const inputs = { "a.gz": gzipSync(text) };
  const at = await ended({ job: lineJob(failing), inputs, chunk: { bytes: 100 } });
  const { chunks, sources } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect(sources).toEqual([{ source: 0, label: "a.gz", size: inputs["a.gz"].length, head: "" }]);
  expect(chunks.length).toBeGreaterThan(1);
  for (const chunk of chunks) {
    const { start, end, spooled, stored, before } = chunk;
    const bytes = await bytesOf(at, stored);
    expect(bytes.toString()).toBe(text.slice(start, end));
    expect(stored).toEqual({
      name: expect.stringMatching(/^spool\//) as string,
      ranges: [expect.anything()],
      crc: crc32(bytes),
    });
    expect([spooled, placeIn(chunk)]).toEqual([true, [{ at: start, bytes: end - start }]]);
    expect(chunk).not.toHaveProperty("damage");
    const passed = text.slice(0, start).split("\n").length - 1;
    expect(before).toEqual({ items: passed, lines: passed });
  }
});

test("the header of packed rows is that of their text", async () => {
  const rows = `id,note\n${Array.from({ length: 40 }, (_, n) => `${n},${n === 37 ? "bad" : "x"}\n`).join("")}`;
  const inputs = { "a.csv.gz": gzipSync(rows) };
  const at = await ended({ job: csvJob({ retries: 0 }), inputs, chunk: { items: 10 } });
  const { chunks, sources } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect(sources.map(({ head }) => Buffer.from(head, "base64").toString())).toEqual(["id,note\n"]);
  expect(chunks).toMatchObject([{ chunk: 3, before: { items: 30, lines: 31 } }]);
  expect((await bytesOf(at, chunks[0]?.stored ?? null)).toString()).toBe(rows.slice(rows.indexOf("30,")));
});

test("a part that cannot be read comes with the reason, and with no more of its text than is shown", async () => {
  const fine = Array.from({ length: 3000 }, (_, n) => `${n}\n`).join("");
  const text = Array.from({ length: 40_000 }, (_, n) => `${(n * 7919) % 100_003}\n`).join("");
  const packed = gzipSync(text);
  const inputs = { "a.gz": Buffer.concat([gzipSync(fine), packed.subarray(0, packed.length - 1000)]) };
  const at = await ended({ job: lineJob(), inputs, chunk: { bytes: 5000 } });
  const { chunks, next } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
  expect([chunks.length, next]).toEqual([1, null]);
  const [damaged] = chunks as [ChunkToPull];
  expect(damaged).toMatchObject({ spooled: true, damage: expect.stringContaining("too soon") as string });
  expect(damaged.before).toEqual({ items: 3000, lines: 3000 });
  expect([damaged.start, damaged.stored, damaged.text]).toEqual([fine.length, null, null]);
  // A chunk before it is whole.
  const [whole] = (await chunksToPull(at.ports, BATCH, { chunk: 1 })).chunks as [ChunkToPull];
  expect(whole).not.toHaveProperty("damage");
  expect((await bytesOf(at, whole.stored)).toString()).toBe(fine.slice(whole.start, whole.end));
});

test.for([
  ["is not what its name says", lineJob(), "b.gz", "this is plain text\n", "not gzip"],
  ["has a header that cannot be read", csvJob(), "b.csv", "id,id\n1,2\n", '"id"'],
] as const)(
  "of a source that %s the reason is brought, and neither bytes nor a header",
  async ([, job, name, text, reason]) => {
    const at = await ended({ job, inputs: { "a.csv": "id,note\n1,x\n", [name]: text } });
    const { chunks, sources } = await chunksToPull(at.ports, BATCH, { failedFrom: 0 });
    expect(sources).toMatchObject([{ source: 1, label: name, head: "" }]);
    expect(chunks).toMatchObject([
      { chunk: 1, damage: expect.stringContaining(reason) as string, stored: null, text: null },
    ]);
  },
);
