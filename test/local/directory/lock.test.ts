import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Fields } from "../../../src/core/records/record.ts";
import { lockHolder, takeLock, workedOnIn } from "../../../src/local/directory/lock.ts";
import type { Lock } from "../../../src/local/directory/lock.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import type { TemporaryDirectory } from "../../memory/directory.ts";

let directory: TemporaryDirectory;
let holder: ChildProcess | undefined;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => {
  holder?.kill("SIGKILL");
  directory.remove();
});

function lockOf(path: string): Lock {
  const lock = takeLock(path);
  if ("heldBy" in lock) throw new Error(`held by ${lock.heldBy.pid}`);
  return lock;
}

const HOLDER = `
  import { takeLock } from ${JSON.stringify(new URL("../../../src/local/directory/lock.ts", import.meta.url).href)};
  console.log("release" in takeLock(process.argv[1]) ? "locked" : "held");
  setInterval(() => {}, 60_000);`;

test("a lock dies with its holder, killed however hard, and says who that is while it lives", async () => {
  const path = directory.path("state");
  const child = spawn(process.execPath, ["--input-type=module", "-e", HOLDER, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  holder = child;
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(said.toString()).toBe("locked\n");
  expect(takeLock(path)).toMatchObject({ heldBy: { pid: child.pid } });
  expect(lockHolder(path)?.pid).toBe(child.pid);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(lockHolder(path)).toBeNull();
  lockOf(path).release();
});

test("within one process too there is one holder, until it releases", () => {
  const path = directory.path("state");
  const lock = lockOf(path);
  expect(takeLock(path)).toMatchObject({ heldBy: { pid: process.pid } });
  lock.release();
  lock.release();
  lockOf(path).release();
});

test("asking for the holder of an unused directory creates nothing", () => {
  expect(lockHolder(directory.path("none"))).toBeNull();
  expect(existsSync(directory.path("none"))).toBe(false);
});

test("a holder that has not yet said who it is, is unknown", () => {
  const lock = lockOf(directory.path());
  writeFileSync(directory.path("owner.json"), "");
  expect(takeLock(directory.path())).toEqual({ heldBy: { pid: 0, since: "", command: "" } });
  lock.release();
});

test("a directory that cannot be made is said in a sentence", () => {
  writeFileSync(directory.path("file"), "");
  expect(() => takeLock(directory.path("file"))).toThrow(/file cannot be used for state: /);
  mkdirSync(directory.path("taken", "lock"), { recursive: true });
  expect(() => takeLock(directory.path("taken"))).toThrow(/taken cannot be used for state: /);
});

test("a batch is worked on if the process that its record names holds the directory now", () => {
  const at = directory.path();
  const isWorkedOn = (batch: Fields): boolean => workedOnIn(at)(batch);
  expect(isWorkedOn({ owner: "1 2026-01-01T00:00:00.000Z" })).toBe(false);
  expect(isWorkedOn({})).toBe(false);
  const lock = lockOf(at);
  expect(isWorkedOn({ owner: lock.owner })).toBe(true);
  expect(isWorkedOn({ owner: lock.owner.replace("20", "19") })).toBe(false);
  // A process of an earlier version records no owner.
  expect(isWorkedOn({})).toBe(true);
  const asked = workedOnIn(at);
  lock.release();
  // Its owner may have ended the batch since.
  expect(asked({ owner: lock.owner })).toBe(true);
  expect(isWorkedOn({ owner: lock.owner })).toBe(false);
});
