/** What the database of an engine keeps to: files before commits, and deliveries that never come back. */
import { expect, onTestFinished, test } from "vitest";
import { create } from "../../../src/core/records/record.ts";
import type { Message, QueueName } from "../../../src/core/records/message.ts";
import { STATE_FILE } from "../../../src/local/directory/files/own-files.ts";
import { openEngineDatabase } from "../../../src/local/engine/engine-database.ts";
import type { EngineDatabaseOptions } from "../../../src/local/engine/engine-database.ts";
import type { Database } from "../../../src/local/sqlite/database.ts";
import { chunkMessage } from "../../contract/queue.ts";
import { manualClock } from "../../memory/clock.ts";
import type { ManualClock } from "../../memory/clock.ts";
import { temporaryDirectory } from "../../memory/directory.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

interface Opened {
  readonly database: Database;
  readonly clock: ManualClock;
  readonly syncs: () => number;
  readonly failures: Error[];
}

function opened(options: Partial<EngineDatabaseOptions> = {}): Opened {
  const directory = temporaryDirectory();
  const clock = manualClock();
  const failures: Error[] = [];
  let syncs = 0;
  const database = openEngineDatabase({
    directory: directory.path(),
    clock,
    sync: async () => void syncs++,
    onFailure: (error) => failures.push(error),
    ...options,
  });
  onTestFinished(async () => {
    await database.close().catch(() => undefined);
    directory.remove();
  });
  return { database, clock, syncs: () => syncs, failures };
}

async function commit(database: Database): Promise<void> {
  await database.ledger.update(create("batch/01A", { generation: 0 }));
  await database.committed();
}

test("files are synced before a commit names them, unless only the process may die", async () => {
  const usual = opened();
  await commit(usual.database);
  const full = opened({ synchronous: "full" });
  await commit(full.database);
  const normal = opened({ synchronous: "normal" });
  await commit(normal.database);
  expect([usual.syncs(), full.syncs(), normal.syncs()]).toEqual([1, 1, 0]);
});

test("files that cannot be synced fail the engine, and nothing is committed", async () => {
  const { database, failures } = opened({ sync: () => Promise.reject(new Error("the disk is full")) });
  await expect(commit(database)).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  expect(failures).toMatchObject([
    { code: "DIRECTORY_UNUSABLE", message: expect.stringContaining(STATE_FILE) as string },
  ]);
});

const node = { batch: "01A", generation: 0, level: 0, index: 0 };
const MESSAGES: readonly [QueueName, Message][] = [
  ["coordinator", { kind: "plan", batch: "01A", entry: 0 }],
  ["worker", chunkMessage(0)],
  ["join", { kind: "merge", node, attempt: 1 }],
  ["dead-letter", { kind: "merge", node, attempt: 1 }],
];

test.for(MESSAGES)(
  "a delivery of the queue %s does not come back while it is worked on for days",
  async ([name, message]) => {
    const { database, clock } = opened();
    const { queue } = database;
    await queue.send(name, [message]);
    expect(queue.receive(name, 1)).toHaveLength(1);
    clock.advance(10 * DAY_MS);
    expect(queue.receive(name, 1)).toEqual([]);
    // The longest wait of a timer is less than 25 days.
    const at = queue.nextWakeAt() ?? Infinity;
    expect(at - clock.now()).toBeLessThan(15 * DAY_MS);
  },
);
