/** State directories that cannot be used are errors, and their files are not changed. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { workspace, rangeJob, ROOT } from "../command.ts";
import type { Outcome, Workspace } from "../command.ts";
import { runAny } from "./any-command.ts";

/** Whether a shell can limit the size of files. Without root, this is the closest thing to a full disk. */
const CAN_LIMIT = canLimit();

function canLimit(): boolean {
  try {
    execFileSync("sh", ["-c", "ulimit -f 100"]);
    return process.platform !== "win32";
  } catch {
    return false;
  }
}

const WIDE =
  "async (n) => { await new Promise((resolve) => setTimeout(resolve, 1)); return n + 'x'.repeat(1000); }";
const WIDE_ITEMS = 1500;

/** Runs the command with a limit on the size of files, in blocks. */
async function runLimited(at: Workspace, blocks: number, ...args: string[]) {
  const bin = join(ROOT, "bin/fanjoin.js");
  const command = ["-c", `ulimit -f ${blocks} && exec "$@"`, "sh", process.execPath, bin, ...args];
  return runAny("sh", command, { cwd: at.path });
}

test.skipIf(!CAN_LIMIT)(
  "a disk that fills up during a batch is an error, and with free space resume gives the same result",
  async () => {
    const at = workspace();
    at.write("wide.ts", rangeJob({ to: WIDE_ITEMS, process: WIDE, more: "join: collect()" }));
    const full = await runLimited(at, 600, "run", "wide.ts", "--json");
    expect(full.stderr).toMatch(
      /\nfanjoin: .*(cannot be written: EFBIG|cannot be used: ).* \[DIRECTORY_UNUSABLE\]\n/,
    );
    expect(full.stderr).toMatch(/\nthe batch is not finished; .*\n {2}(npx )?fanjoin resume \w{26}\n$/);
    expect(full.stderr).not.toContain("bug in fanjoin");
    expect(JSON.parse(full.stdout)).toMatchObject({ job: "numbers", endedAt: null });
    expect(full.code).toBe(3);
    const { code, summary } = await at.json("resume");
    expect(summary).toMatchObject({
      state: "succeeded",
      items: { total: WIDE_ITEMS, succeeded: WIDE_ITEMS },
    });
    expect(code).toBe(0);
    const lines = Array.from({ length: WIDE_ITEMS }, (_, n) => `"${n}${"x".repeat(1000)}"\n`);
    expect(at.read(`.fanjoin/batches/${summary.batch}/outputs.jsonl`)).toBe(lines.join(""));
  },
);

test.skipIf(!CAN_LIMIT)("a disk that is full from the beginning is an error", async () => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  const { code, stderr } = await runLimited(at, 2, "run", "sum.ts");
  expect(stderr).toMatch(
    /^fanjoin: The state database .*state\.db cannot be used: .*disk.*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/,
  );
  expect(code).toBe(2);
});

// Root may write anywhere, so an impossible path takes the place of a read-only directory.
test("a directory that cannot be made or written is an error: exit code 2", async () => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  at.write("file", "mine");
  symlinkSync("nowhere", join(at.path, "dangling"));
  symlinkSync("loop", join(at.path, "loop"));
  const long = "x".repeat(300);
  const paths = ["file", "file/state", `new/${long}`, "dangling", "dangling/state", "loop/state"];
  for (const dir of paths) expectRefused(await at.run("run", "sum.ts", "--dir", dir), dir);
  for (const dir of ["file", "file/state", long]) expectRefused(await at.run("list", "--dir", dir), dir);
  expect(at.read("file")).toBe("mine");
});

function expectRefused({ code, stdout, stderr }: Outcome, dir: string): void {
  expect(stderr).toMatch(
    new RegExp(
      `^fanjoin: The directory ${dir} cannot be used for state: .* Give another --dir, or .*\\[DIRECTORY_UNUSABLE\\]\nSee .+\n$`,
    ),
  );
  expect([code, stdout]).toEqual([2, ""]);
}

test.skipIf(process.platform !== "linux")(
  "a directory in a file system that makes none is an error, and no endless loop",
  async () => {
    const at = workspace();
    at.write("sum.ts", rangeJob());
    const outcome = await at.run("run", "sum.ts", "--dir", "/proc/fanjoin/state");
    expectRefused(outcome, "/proc/fanjoin/state");
    expect(outcome.signal).toBeNull();
  },
);

test.for(["run", "list"])("%s: an empty --dir is refused", async (command) => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  const args = command === "run" ? ["sum.ts"] : [];
  const { code, stderr } = await at.run(command, ...args, "--dir", "");
  expect(stderr).toMatch(
    /^fanjoin: option '--dir <dir>' argument '' is invalid\. It is empty: name a directory\./,
  );
  expect(code).toBe(2);
});

const STATE = ".fanjoin/state.db";

function change(at: Workspace, how: (bytes: Buffer) => Buffer): void {
  const file = join(at.path, STATE);
  writeFileSync(file, how(readFileSync(file)));
}

/** All files with their bytes, except the files that SQLite keeps beside an open database. */
function files(at: Workspace): Map<string, string> {
  const names = globSync("**", { cwd: join(at.path, ".fanjoin") }).filter(
    (name) => !/-(wal|shm)$/.test(name),
  );
  return new Map(
    names.flatMap((name) => {
      const path = join(at.path, ".fanjoin", name);
      return statSync(path).isFile() ? [[name, readFileSync(path, "base64")] as const] : [];
    }),
  );
}

test.for<readonly [title: string, make: (at: Workspace) => void, says: RegExp]>([
  [
    "of a newer format",
    newer,
    /written by a newer fanjoin \(format 99, this one knows \d+\)\. Update fanjoin/,
  ],
  [
    "whose state is garbage after its beginning",
    (at) => change(at, (b) => b.fill(0x5a, 4096)),
    /damaged, and was left as it is/,
  ],
  [
    "whose state is cut off",
    (at) => change(at, (b) => b.subarray(0, b.length / 2 + 100)),
    /damaged, and was left as it is/,
  ],
  [
    "whose state is something else",
    (at) => at.write(STATE, "{}"),
    /is not a state database, or it is damaged/,
  ],
])("a directory %s is refused and not changed: exit code 2", async ([, make, says]) => {
  const at = workspace();
  at.write("all.ts", rangeJob({ to: 2000, more: "join: collect()" }));
  for (const id of ["a", "b", "c"])
    await at.run("run", "all.ts", "--chunk-items", "1", "--quiet", "--id", id);
  make(at);
  const before = files(at);
  for (const command of [["run", "all.ts"], ["resume"], ["list"]]) {
    const { code, stdout, stderr } = await at.run(...command);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^fanjoin: .*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(files(at)).toEqual(before);
  }
});

function newer(at: Workspace): void {
  const db = new DatabaseSync(join(at.path, STATE));
  db.exec("PRAGMA user_version = 99");
  db.close();
}

test("files of other programs in the directory are not changed and do no harm", async () => {
  const at = workspace();
  const others = [
    "notes.txt",
    "other/x.json",
    "batches/junk",
    "batches/readme/x",
    "requests",
    "segments/theirs",
  ];
  for (const name of others) at.write(`.fanjoin/${name}`, "theirs");
  at.write(".fanjoin/owner.json", "{ torn");
  at.write("sum.ts", rangeJob());
  const { code, summary } = await at.json("run", "sum.ts");
  expect(summary).toMatchObject({ state: "succeeded", result: { value: 190 } });
  expect(code).toBe(0);
  const { details: _details, ...listed } = summary;
  expect(JSON.parse((await at.run("list", "--json")).stdout)).toEqual([listed]);
  for (const name of others) expect(at.read(`.fanjoin/${name}`)).toBe("theirs");
  expect(existsSync(join(at.path, ".fanjoin/owner.json"))).toBe(false);
});
