import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FanjoinError } from "../../../src/core/errors/errors.ts";
import { create } from "../../../src/core/records/record.ts";
import type { Update } from "../../../src/core/records/record.ts";
import { openDatabase, openForReading } from "../../../src/local/sqlite/database.ts";
import type { Database } from "../../../src/local/sqlite/database.ts";
import { chunkMessage } from "../../contract/queue.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import type { TemporaryDirectory } from "../../memory/directory.ts";

let directory: TemporaryDirectory;
let file: string;

beforeEach(() => {
  directory = temporaryDirectory();
  file = directory.path("state.db");
});

afterEach(() => directory.remove());

const unusable = (sentence: RegExp): unknown =>
  expect.objectContaining({ code: "DIRECTORY_UNUSABLE", message: expect.stringMatching(sentence) });

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

const count: Update = { key: "counter", when: [], set: {}, add: { n: 1 } };

/**
 * Counts, and replaces the one message by one that says how far it counted: three changes that belong
 * together.
 */
async function advance({ ledger, queue }: Database): Promise<void> {
  const deliveries = queue.receive("worker", 1);
  const { record } = await ledger.update(count);
  await queue.send("worker", [chunkMessage(Number(record?.["n"]))]);
  queue.acknowledge(deliveries);
}

/** How far a database counted. Fails if it shows a part of an `advance`. */
async function counted(path: string): Promise<number> {
  const database = openDatabase({ file: path, clock: Date });
  database.queue.activate("01K0");
  const [record] = await database.ledger.read(["counter"]);
  const messages = database.queue.receive("worker", 9).map(({ message }) => message);
  await database.close();
  const n = Number(record?.["n"] ?? 0);
  expect(messages).toEqual(n === 0 ? [] : [chunkMessage(n)]);
  return n;
}

/** What a crash at this moment would leave. */
function copyTo(target: string): void {
  for (const suffix of ["", "-wal"]) {
    if (existsSync(file + suffix)) copyFileSync(file + suffix, target + suffix);
  }
}

test("a crash at any moment leaves everything up to some moment, and at least what was committed", async () => {
  const copies: { readonly path: string; readonly atLeast: number; readonly atMost: number }[] = [];
  let done = 0;
  let durable = 0;
  const copy = (): void => {
    const path = directory.path(`copy-${copies.length}.db`);
    copyTo(path);
    copies.push({ path, atLeast: durable, atMost: done });
  };
  const database = openDatabase({ file, clock: Date, beforeCommit: async () => copy() });
  for (let round = 0; round < 40; round++) {
    for (let step = 0; step <= round % 7; step++) {
      await advance(database);
      done++;
    }
    copy();
    if (round % 3 === 0) {
      const before = done;
      await database.committed();
      durable = before;
      copy();
    }
  }
  await database.close();
  expect(await counted(file)).toBe(done);
  for (const { path, atLeast, atMost } of copies) {
    const n = await counted(path);
    expect(n).toBeGreaterThanOrEqual(atLeast);
    expect(n).toBeLessThanOrEqual(atMost);
  }
});

const WRITER = `
  import { openDatabase } from ${JSON.stringify(new URL("../../../src/local/sqlite/database.ts", import.meta.url).href)};
  const database = openDatabase({ file: process.argv[1], clock: Date });
  for (let n = 1; ; n++) {
    const deliveries = database.queue.receive("worker", 1);
    await database.ledger.update({ key: "counter", when: [], set: {}, add: { n: 1 } });
    const message = { kind: "chunk", batch: "01K0", generation: 0, chunk: n, attempt: 1, source: 0, start: n * 10, end: n * 10 + 10 };
    await database.queue.send("worker", [message]);
    database.queue.acknowledge(deliveries);
    if (n % 10 === 0) {
      await database.committed();
      console.log(n);
    }
  }`;

test("a process that is killed while it writes loses nothing that was committed", async () => {
  const writer = spawn(process.execPath, ["--input-type=module", "-e", WRITER, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    printed = Number(line);
    if (printed >= 200) writer.kill("SIGKILL");
  }
  expect(printed).toBeGreaterThanOrEqual(200);
  const reader = openForReading(file);
  const [seen] = await reader.ledger.read(["counter"]);
  reader.close();
  const n = await counted(file);
  expect(n).toBeGreaterThanOrEqual(printed);
  expect(seen?.["n"]).toBe(n);
});

test("a change that is made while a group is written waits for the next group", async () => {
  const gate = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  let groups = 0;
  const database = openDatabase({
    file,
    clock: Date,
    async beforeCommit() {
      if (++groups > 1) return;
      started.resolve();
      await gate.promise;
    },
  });
  await advance(database);
  const first = database.committed();
  await started.promise;
  await advance(database);
  const second = database.committed();
  gate.resolve();
  await first;
  copyTo(directory.path("first.db"));
  await second;
  expect(await counted(directory.path("first.db"))).toBe(1);
  await database.close();
  expect([await counted(file), groups]).toEqual([2, 2]);
});

test("a message that comes and goes between two commits is never written", async () => {
  let groups = 0;
  const beforeCommit = async (): Promise<void> => void groups++;
  const database = openDatabase({ file, clock: Date, beforeCommit });
  await database.queue.send("worker", [chunkMessage(1)]);
  database.queue.acknowledge(database.queue.receive("worker", 1));
  await database.committed();
  expect(groups).toBe(0);
  await database.close();
});

test("without a change there is no commit, and a database can be closed twice", async () => {
  let groups = 0;
  const beforeCommit = async (): Promise<void> => void groups++;
  const database = openDatabase({ file, clock: Date, beforeCommit });
  await database.committed();
  await Promise.all([database.close(), database.close()]);
  expect(groups).toBe(0);
  await expect(database.ledger.read(["x"])).rejects.toEqual(unusable(/has been closed/));
});

test("a read that fails is said in a sentence", async () => {
  const database = openDatabase({ file, clock: Date });
  const vandal = new DatabaseSync(file);
  vandal.exec("DROP TABLE records");
  vandal.close();
  // A record that is new is looked for in the table that is gone.
  const updated = database.ledger.update(create("x", {}));
  await expect(updated).rejects.toEqual(unusable(/no such table: records/));
  await database.close();
});

test("when files cannot be synced, the commit that names them fails, for good", async () => {
  const failures: FanjoinError[] = [];
  const database = openDatabase({
    file,
    clock: Date,
    beforeCommit: () => Promise.reject(new Error("ENOSPC: no space left on device")),
    onFailure: (error) => void failures.push(error),
  });
  await database.ledger.update(create("x", {}));
  const full = unusable(/state\.db cannot be used: ENOSPC: no space left on device\./);
  await expect(database.committed()).rejects.toEqual(full);
  await expect(database.committed()).rejects.toEqual(full);
  await expect(database.ledger.read(["x"])).rejects.toEqual(full);
  await expect(database.queue.send("worker", [])).rejects.toEqual(full);
  expect(thrownBy(() => database.queue.receive("worker", 1))).toEqual(full);
  await expect(database.close()).rejects.toEqual(full);
  expect(failures).toEqual([full]);
  const reader = openForReading(file);
  expect(await reader.ledger.read(["x"])).toEqual([null]);
  reader.close();
});

test("a commit that fails in SQLite leaves nothing of its group behind", async () => {
  let database = openDatabase({ file, clock: Date });
  await advance(database);
  await database.close();
  database = openDatabase({
    file,
    clock: Date,
    async beforeCommit() {
      const vandal = new DatabaseSync(file);
      vandal.exec(
        "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(FAIL, 'disk is full'); END",
      );
      vandal.close();
    },
  });
  await advance(database);
  await expect(database.committed()).rejects.toEqual(unusable(/disk is full/));
  await expect(database.close()).rejects.toEqual(unusable(/disk is full/));
  const reader = openForReading(file);
  expect(await reader.ledger.read(["counter"])).toEqual([{ n: 1 }]);
  reader.close();
});

test("another process sees the committed records while the owner goes on", async () => {
  const database = openDatabase({ file, clock: Date });
  await database.ledger.update(create("x", { n: 1 }));
  await database.committed();
  const reader = openForReading(file);
  expect(await reader.ledger.read(["x", "y"])).toEqual([{ n: 1 }, null]);
  await database.ledger.update(create("y", { n: 2 }));
  await database.committed();
  expect(await reader.ledger.read(["y"])).toEqual([{ n: 2 }]);
  await database.close();
  expect((await reader.ledger.list("", null, 9)).map(({ key }) => key)).toEqual(["x", "y"]);
  reader.close();
});

test.for([
  ["text", () => writeFileSync(file, "{}"), /is not a state database, or it is damaged/],
  ["a cut header", () => writeFileSync(file, "SQLite format 3\0"), /is the database of another program/],
  ["another program's database", () => foreign("PRAGMA application_id = 7"), /of another program/],
  ["a database of nobody", () => foreign(""), /of another program/],
  ["a newer format", () => foreign(newer), /written by a newer fanjoin \(format 99/],
] as const)("%s is refused and left as it is", async ([, make, sentence]) => {
  make();
  const before = readFileSync(file);
  expect(thrownBy(() => openDatabase({ file, clock: Date }))).toEqual(unusable(sentence));
  expect(thrownBy(() => openForReading(file))).toEqual(unusable(sentence));
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(existsSync(`${file}-wal`)).toBe(false);
});

const newer = "PRAGMA user_version = 99; PRAGMA application_id = 0x666a6f69";

function foreign(sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(`CREATE TABLE theirs (x); ${sql}`);
  db.close();
}

test("a damaged table is refused", async () => {
  const database = openDatabase({ file, clock: Date });
  for (let n = 0; n < 200; n++) await database.queue.send("worker", [chunkMessage(n)]);
  await database.close();
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0x5a)]));
  expect(thrownBy(() => openDatabase({ file, clock: Date }))).toEqual(
    unusable(/cannot be used: .*malformed/),
  );
});

test("a directory in the way, or a missing file to read, is said in a sentence", () => {
  mkdirSync(file);
  expect(thrownBy(() => openDatabase({ file, clock: Date }))).toEqual(unusable(/cannot be used: /));
  const missing = directory.path("none.db");
  expect(thrownBy(() => openForReading(missing))).toEqual(unusable(/none\.db cannot be used: /));
});

test("an empty file, as a crash at the very first moment leaves it, becomes a database", async () => {
  writeFileSync(file, "");
  const database = openDatabase({ file, clock: Date, synchronous: "normal" });
  await advance(database);
  await database.close();
  expect(await counted(file)).toBe(1);
});
