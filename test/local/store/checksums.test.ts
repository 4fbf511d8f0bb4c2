/** Stored bytes that change are noticed where they are read. */
import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checksum, joinSegments, joinedChecksum, verified } from "../../../src/checksum.ts";
import type { Piece } from "../../../src/core/records/contribution.ts";
import { createLocalStore } from "../../../src/local/store/store.ts";
import { loadBody, storeBody } from "../../../src/runner/contribution/body.ts";
import { linesOf, slice, verifyPiece } from "../../../src/runner/contribution/piece-text.ts";
import { GAP } from "../../../src/core/span.ts";
import { allBatches } from "../../../src/batch/list.ts";
import type { Engine } from "../../../src/local/engine/engine.ts";
import { begin, until } from "../engine/batches-run.ts";
import { bench, numbers, specFor } from "../engine/engines.ts";
import type { Bench } from "../engine/engines.ts";
import { temporaryDirectory } from "../../memory/directory.ts";

const CHANGED = { code: "DIRECTORY_UNUSABLE", message: expect.stringContaining("has changed") as string };

function local() {
  const directory = temporaryDirectory();
  const whole = createLocalStore({ directory: directory.path(), segmentName: "1-0" });
  const store = whole.of("01A");
  return {
    store,
    async write(text: string): Promise<Piece> {
      const writer = store.create("outputs/x");
      await writer.write(text);
      return writer.close();
    },
    /** Flips one bit of the segment file. */
    flip(at: number, file = "segments/01A/1-0"): void {
      flipBit(directory.path(file), at);
    },
    [Symbol.dispose]: () => {
      whole.close();
      directory.remove();
    },
  };
}

function flipBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
}

async function* these(...pieces: Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}

const drain = async (lines: AsyncIterable<unknown>): Promise<void> => {
  await Array.fromAsync(lines);
};

test("the checksum of joined runs is that of their bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, two) => {
      const both = Buffer.concat([one, two]);
      expect(joinedChecksum(checksum(one), checksum(two), two.length)).toBe(checksum(both));
    }),
  );
});

test("only segments that both have a checksum have one together", () => {
  const one = { name: "a", offset: 0, length: 1, crc: checksum("x") };
  const two = { name: "a", offset: 1, length: 2, crc: checksum("yz") };
  expect(joinSegments(one, two)).toEqual({ name: "a", offset: 0, length: 3, crc: checksum("xyz") });
  expect(joinSegments(one, { name: "a", offset: 1, length: 2 })).toEqual({ name: "a", offset: 0, length: 3 });
});

test("a consumer that stops early closes what it reads, and is told nothing", async () => {
  let closed = 0;
  async function* blocks(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from("a");
      yield Buffer.from("b");
    } finally {
      closed++;
    }
  }
  const some = verified(blocks(), 0, "it");
  await some.next();
  await some.return();
  expect(closed).toBe(1);
  await expect(drain(verified(blocks(), 0, "it"))).rejects.toMatchObject(CHANGED);
  await drain(verified(blocks(), checksum("ab"), "it"));
});

test.for([0, 100, 3_000_000])("a changed bit at byte %i of an output is noticed", async (at) => {
  using stored = local();
  const piece = await stored.write("0123456789\n".repeat(300_000));
  await verifyPiece(stored.store, piece);
  const file = "name" in piece ? piece.name : "";
  stored.flip(at, file);
  await expect(drain(linesOf(stored.store, piece))).rejects.toMatchObject(CHANGED);
  await expect(verifyPiece(stored.store, piece)).rejects.toMatchObject(CHANGED);
  await expect(stored.store.compose("batches/01A/outputs.jsonl", these(piece))).rejects.toMatchObject(
    CHANGED,
  );
});

test("a changed bit of one of several neighbours is noticed when they are written together", async () => {
  using stored = local();
  const pieces = [await stored.write("one\n"), await stored.write("two\n"), await stored.write("three\n")];
  expect(await stored.store.compose("batches/01A/outputs.jsonl", these(...pieces))).toBe(14);
  stored.flip(6);
  await expect(stored.store.compose("batches/01A/outputs.jsonl", these(...pieces))).rejects.toMatchObject({
    message: expect.stringContaining("segments/01A/1-0, bytes 0 to 14, has changed") as string,
  });
});

test("a changed body of a partial is noticed although it is JSON still", async () => {
  using stored = local();
  const value = "a".repeat(20_000);
  const body = await storeBody(stored.store, { 0: { value, span: GAP } });
  expect(await loadBody(stored.store, body)).toMatchObject({ 0: { value } });
  stored.flip(500);
  await expect(loadBody(stored.store, body)).rejects.toMatchObject(CHANGED);
});

test("a part of a piece has no checksum", async () => {
  using stored = local();
  const [part] = slice([await stored.write("0123456789")], 2, 5);
  expect(part).not.toHaveProperty("crc");
});

/** Runs some chunks of a job, stops, and changes a byte in the last text that was spooled. */
async function damagedSpool(at: Bench, start: () => Promise<Engine>): Promise<Engine> {
  const first = await start();
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  using db = new DatabaseSync(at.path("state", "state.db"));
  const [entry] = db.prepare("SELECT body FROM records WHERE key LIKE 'plan/%' ORDER BY key DESC").all();
  const { spool } = JSON.parse(String(entry?.["body"])) as { spool: string };
  const [offset = "", length = "", , name = ""] = spool.split(":");
  flipBit(at.path("state", name), parseInt(offset, 36) + parseInt(length, 36) - 2);
  const second = await at.open();
  await second.resume("01A");
  return second;
}

const jobOf = (input: string): string => `import { collect, defineJob, from, lines } from "fanjoin";
  export default defineJob({ name: "made", input: ${input}, retries: 0, join: collect(),
    process: async (item) => { await new Promise((r) => setTimeout(r, 2)); return item; } });`;

test("spooled text that changes ends the batch", async () => {
  const at = bench();
  const engine = await damagedSpool(at, async () => {
    const opened = await at.open();
    const job = await opened.load(at.write("job.ts", jobOf("lines()")));
    const input = `file://${at.path("in.gz")}`;
    writeFileSync(
      at.path("in.gz"),
      gzipSync(Array.from({ length: 4_000 }, (_, n) => `line ${n}`).join("\n")),
    );
    const stat = await createLocalStore({ directory: at.path("none"), segmentName: "x" }).stat(input);
    const sources = [{ name: input, label: "in.gz", size: stat?.bytes ?? 0, version: stat?.version ?? "" }];
    await opened.submit({ ...specFor(job, { items: 10 }), input: { reader: "lines", options: {}, sources } });
    return opened;
  });
  await expect(engine.finished("01A")).rejects.toMatchObject(CHANGED);
});

test("generated items that change on disk end the batch", async () => {
  const at = bench();
  const items = "from(function* () { for (let n = 0; n < 4000; n++) yield n; })";
  const engine = await damagedSpool(at, () => begin(at, jobOf(items), { items: 10 }));
  await expect(engine.finished("01A")).rejects.toMatchObject(CHANGED);
});

test.for([
  ["a record", "UPDATE records SET body = replace(body, '0:0:', '0:1:') WHERE key LIKE 'plan/%'"],
  ["a record in the place of another one", "UPDATE records SET key = 'batch/01B' WHERE key = 'batch/01A'"],
  [
    "the message of a chunk",
    "UPDATE messages SET body = json_set(body, '$.end', 9999) WHERE queue = 'worker'",
  ],
])("%s that changes in the state database is refused with its place", async ([, statement]) => {
  const at = bench();
  const first = await begin(at, numbers(400, "(n) => new Promise((r) => setTimeout(r, 5, n))"), { items: 1 });
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  using db = new DatabaseSync(at.path("state", "state.db"));
  db.exec(statement ?? "");
  const run = async (): Promise<unknown> => {
    const engine = await at.open();
    await drain(allBatches(engine.ledger));
    await engine.resume("01A");
    return engine.finished("01A");
  };
  await expect(run()).rejects.toMatchObject(CHANGED);
});
