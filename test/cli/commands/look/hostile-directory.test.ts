/**
 * A state directory may be somebody else's: a cloned repository carries one. Nothing outside of it is
 * written, renamed or deleted, and no code is loaded that the user did not choose.
 */
import { globSync, lstatSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { rangeJob, workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";
import { changeBatch, secretFolder, STATE } from "../../state-directory.ts";

async function ended(): Promise<{ readonly at: Workspace; readonly batch: string }> {
  const at = workspace();
  const process = "(n) => { if (n === 3) throw new Error('no'); return n; }";
  at.write("job.ts", rangeJob({ process }));
  const { summary } = await at.json("run", "job.ts");
  expect(summary.state).toBe("completed-with-failures");
  return { at, batch: summary.batch };
}

/** All files of the state directory with their bytes and times, but for those of SQLite beside a database. */
function everything(at: Workspace): unknown {
  const names = globSync("**", { cwd: join(at.path, ".fanjoin") }).filter(
    (name) => !/-(wal|shm)$/.test(name),
  );
  return names.toSorted().map((name) => {
    const path = join(at.path, ".fanjoin", name);
    const { mtimeMs, size, ino } = lstatSync(path);
    return [
      name,
      lstatSync(path).isFile() ? { mtimeMs, size, ino, text: readFileSync(path, "latin1") } : null,
    ];
  });
}

const LOOKING = ["list", "show", "result", "failed", "watch"] as const;

test("looking changes nothing, and reads a result that is not published yet", async () => {
  const { at, batch } = await ended();
  // As a crash leaves it between the commit and the publishing.
  const record = new DatabaseSync(join(at.path, STATE));
  const body = String(
    record.prepare("SELECT body FROM records WHERE key = ?").get(`batch/${batch}`)?.["body"],
  );
  record.close();
  const { result } = JSON.parse(body) as { result: Record<"result" | "failed", { name: string }> };
  const folder = `.fanjoin/batches/${batch}`;
  for (const [file, name] of [
    ["result.json", result.result.name],
    ["failed.jsonl", result.failed.name],
  ] as const)
    renameSync(join(at.path, folder, file), join(at.path, ".fanjoin", name));
  at.write(`${folder}/result.json`, "old");
  rmSync(join(at.path, "job.ts"));
  const before = everything(at);
  for (const command of LOOKING) {
    const { code, stderr } = await at.run(command, ...(command === "list" ? [] : [batch]));
    expect([command, code, stderr]).toEqual([command, command === "watch" ? 1 : 0, ""]);
  }
  expect((await at.run("result", batch)).stdout).toBe("187\n");
  expect((await at.run("failed", batch)).stdout).toContain('"index":3');
  const { summary } = await at.json("show", batch);
  expect(readFileSync(summary.result?.path ?? "", "utf8")).toBe("187\n");
  expect(readFileSync(summary.failed?.path ?? "", "utf8")).toContain('"index":3');
  expect(everything(at)).toEqual(before);
  // The next owner publishes.
  at.write("other.ts", rangeJob());
  expect((await at.run("run", "other.ts")).code).toBe(0);
  expect(at.read(`${folder}/result.json`)).toBe("187\n");
});

test.for(["/home/me/.ssh/id_ed25519", "../../secret", "batches/../../secret"])(
  "a record that names the file %s is refused by every command, and nothing is moved or deleted",
  async (name) => {
    const { at, batch } = await ended();
    const secret = secretFolder();
    const stolen = name.replace("/home/me/.ssh", secret.path);
    at.write("secret", "mine");
    const files = { result: { name: stolen, bytes: 1 }, outputs: null, failed: null };
    changeBatch(at, (fields) => ({ ...fields, result: files }));
    const before = everything(at);
    for (const command of [...LOOKING, "resume", "redrive", "cancel"]) {
      const { code, stdout, stderr } = await at.run(command, ...(command === "list" ? [] : [batch]));
      expect(stderr).toMatch(
        /^fanjoin: The state database \.fanjoin\/state\.db is damaged, .*: \.result\.result\.name of the record "batch\/\w{26}" is ".*"\. Nothing was changed\..* \[DIRECTORY_UNUSABLE\]\nSee .+\n$/,
      );
      expect([command, code, stdout]).toEqual([command, 2, ""]);
      expect(everything(at)).toEqual(before);
    }
    const { code, stderr } = await at.run("run", "job.ts");
    expect(stderr).toMatch(/\[DIRECTORY_UNUSABLE\]\nSee .+\n$/);
    expect(code).toBe(2);
    expect(at.read("secret")).toBe("mine");
    secret.check();
  },
);

test("an id of a batch that leads out of the directory is refused", async () => {
  const { at } = await ended();
  at.write("victim/result.json", "mine");
  at.write("victim/failed.jsonl", "mine");
  using state = new DatabaseSync(join(at.path, STATE));
  state.exec("UPDATE records SET key = 'batch/../../victim', sum = NULL WHERE key LIKE 'batch/%'");
  for (const command of [["list"], ["run", "job.ts"]]) {
    const { code, stderr } = await at.run(...command);
    expect(stderr).toMatch(/the record "batch\/\.\.\/\.\.\/victim" is .*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/);
    expect(code).toBe(2);
  }
  expect(at.read("victim/result.json")).toBe("mine");
  expect(at.read("victim/failed.jsonl")).toBe("mine");
});

test.for(["batches", "segments", "journal", "requests", "inputs", "owner.json.new", "lock", "state.db"])(
  "a directory whose %s is a link to another place is refused",
  async (name) => {
    const { at } = await ended();
    const secret = secretFolder();
    const own = join(at.path, ".fanjoin", name);
    rmSync(own, { recursive: true, force: true });
    symlinkSync(/\./.test(name) || name === "lock" ? join(secret.path, "id_ed25519") : secret.path, own);
    for (const command of [["run", "job.ts"], ["resume"], ["list"], ["cancel", "01A"]]) {
      const { code, stderr } = await at.run(...command);
      expect(stderr).toMatch(
        new RegExp(
          `^fanjoin: The directory \\.fanjoin cannot be used for state: ${name} is a link, which fanjoin did not make\\. .*\\[DIRECTORY_UNUSABLE\\]\nSee .+\n$`,
        ),
      );
      expect(code).toBe(2);
    }
    secret.check();
  },
);

test("the folder of a batch, or a file in it, that is a link is not followed", async () => {
  const { at, batch } = await ended();
  const secret = secretFolder();
  const folder = join(at.path, ".fanjoin/batches", batch);
  // Nothing in a linked folder is an orphan.
  symlinkSync(join(secret.path, "01A"), join(at.path, ".fanjoin/batches/01A"));
  const { stdout: result } = await at.run("result", batch);
  for (const file of ["result.json", "failed.jsonl"]) {
    rmSync(join(folder, file));
    symlinkSync(join(secret.path, "id_ed25519"), join(folder, file));
  }
  const { code, stdout, stderr } = await at.run("failed", batch);
  expect(stderr).toMatch(
    /failed\.jsonl is a link, which fanjoin did not make\..*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/,
  );
  expect([code, stdout]).toEqual([2, ""]);
  // It is in the record.
  expect((await at.run("result", batch)).stdout).toBe(result);
  expect((await at.run("run", "job.ts")).code).toBe(1);
  expect(readFileSync(join(folder, "result.json"), "utf8")).toBe(result);
  expect(readFileSync(join(secret.path, "01A/result-abc.json"), "utf8")).toBe("mine");
  rmSync(folder, { recursive: true });
  symlinkSync(secret.path, folder);
  for (const command of [
    ["failed", batch],
    ["redrive", batch],
    ["run", "job.ts"],
  ]) {
    const outcome = await at.run(...command);
    expect(outcome.stderr).toMatch(new RegExp(`${batch} is a link, .*\\[DIRECTORY_UNUSABLE\\]\nSee .+\n$`));
    expect(outcome.code).toBe(2);
  }
  secret.check();
});

test("a list of failed items that somebody deleted is a sentence; a small result is in the record", async () => {
  const { at, batch } = await ended();
  const { stdout: result } = await at.run("result", batch);
  rmSync(join(at.path, ".fanjoin/batches", batch), { recursive: true });
  const { code, stderr } = await at.run("failed", batch);
  expect(stderr).toMatch(/^fanjoin: The file .* is gone: .*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/);
  expect(code).toBe(2);
  expect((await at.run("result", batch)).stdout).toBe(result);
});

test("a database with a trigger or a view is refused", async () => {
  const { at } = await ended();
  using state = new DatabaseSync(join(at.path, STATE));
  state.exec("CREATE TRIGGER harm AFTER INSERT ON records BEGIN DELETE FROM messages; END");
  const { code, stderr } = await at.run("run", "job.ts");
  expect(stderr).toMatch(/has a trigger, which fanjoin did not make: .*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/);
  expect(code).toBe(2);
  state.exec(
    "DROP TRIGGER harm; ALTER TABLE records RENAME TO real; CREATE VIEW records AS SELECT * FROM real",
  );
  expect((await at.run("list")).stderr).toMatch(/has a view, .*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/);
});

test("a directory without its tables is damaged, not a bug", async () => {
  const { at } = await ended();
  using state = new DatabaseSync(join(at.path, STATE));
  state.exec("DROP TABLE records");
  for (const command of [["list"], ["run", "job.ts"]]) {
    const { code, stderr } = await at.run(...command);
    expect(stderr).toMatch(
      /^fanjoin: The state database .* no such table: (main\.)?records.*\[DIRECTORY_UNUSABLE\]\nSee .+\n$/,
    );
    expect(code).toBe(2);
  }
});

test("a new state directory is for its user only, and keeps no values of options", async () => {
  const at = workspace();
  const token = "t0psecret";
  at.write("job.ts", rangeJob());
  const dev = at.start("dev", "job.ts", "--token", token, "--port", "0");
  await dev.said(/Press Ctrl-C/);
  const owner = at.read(".fanjoin/owner.json");
  expect(owner).not.toContain(token);
  expect(JSON.parse(owner)).toMatchObject({ command: "fanjoin dev job.ts" });
  expect(statSync(join(at.path, ".fanjoin")).mode & 0o777).toBe(0o700);
  at.write("other.ts", rangeJob());
  const { stderr } = await at.run("run", "other.ts", "--no-wait");
  expect(stderr).toMatch(/in use by process \d+ \(fanjoin dev job\.ts, since /);
  dev.child.kill("SIGINT");
  await dev.ended;
  const held = at.start("run", "job.ts", "--dir", "mine/state");
  await held.ended;
  expect(statSync(join(at.path, "mine/state")).mode & 0o777).toBe(0o700);
});
