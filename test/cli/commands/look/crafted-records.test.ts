/** A real state database with one record of each kind tampered with. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, test } from "vitest";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { rangeJob, startSlow, workspace } from "../../command.ts";
import { secretFolder, STATE } from "../../state-directory.ts";

/** A state directory of an unfinished batch, and its id. */
let left: { readonly directory: string; readonly batch: string };

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "fanjoin-left-"));
  const cleanUps: (() => void)[] = [() => rmSync(directory, { recursive: true, force: true })];
  const at = workspace({}, (cleanUp) => cleanUps.push(cleanUp));
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  cpSync(at.path, directory, { recursive: true });
  left = { directory, batch };
  return () => {
    for (const cleanUp of cleanUps) cleanUp();
  };
});

const SPOOL = JSON.stringify({ name: "file:///etc/passwd", offset: 0, length: 9, base: 0 });
const record = (key: string, body: string): string =>
  `INSERT OR REPLACE INTO records (key, body, sum) VALUES ('${key}', '${body}', NULL)`;
const message = (queue: string, body: string): string =>
  `INSERT INTO messages (id, queue, body, receives) VALUES (999999, '${queue}', '${body}', 0)`;

/** Each with the place that the error names. `BATCH` stands for the id of the batch. */
const CRAFTED: readonly [what: string, sql: string, place: RegExp][] = [
  [
    "a plan entry whose spool is another file",
    record("plan/BATCH/00000000", '{"first":0,"ranges":"0:0:2","spool":"0:2:0:../../../secret"}'),
    /\.spool of the record "plan\//,
  ],
  [
    "a plan entry with more chunks than memory",
    record("plan/BATCH/00000000", '{"first":0,"ranges":"0:0:2*zzzzzzzz"}'),
    /\.ranges of the record "plan\//,
  ],
  ["a plan entry that is no JSON", record("plan/BATCH/00000000", "{"), /the record "plan\/.*is not JSON/],
  [
    "a node with children beyond its fan-in",
    record("node/BATCH/0/0/00000000", '{"expects":4000000000}'),
    /\.expects of the record "node\//,
  ],
  [
    "a message about another place than a batch",
    message("coordinator", '{"kind":"plan","batch":"../../victim","entry":0}'),
    /\.batch of the message 999999/,
  ],
  [
    "a message with a foreign spool",
    message(
      "worker",
      `{"kind":"chunk","batch":"BATCH","generation":0,"chunk":0,"attempt":1,"source":0,"start":0,"end":2,"spool":${SPOOL}}`,
    ),
    /\.spool\.name of the message 999999/,
  ],
  ["a message of no kind", message("worker", "[]"), /the message 999999 is \[\]/],
  [
    "a queue that does not exist",
    message("toString", '{"kind":"plan","batch":"BATCH","entry":0}'),
    /the queue of the message 999999/,
  ],
  [
    "a source that is no file",
    `UPDATE records SET sum = NULL, body = json_set(body, '$.input.sources[0].name', '../../secret') WHERE key = 'batch/BATCH'`,
    /\.input\.sources\[0\]\.name of the record "batch\//,
  ],
];

test.for(CRAFTED)("%s is refused with its place, and nothing outside changes", async ([, sql, place]) => {
  const at = workspace();
  const secret = secretFolder();
  cpSync(left.directory, at.path, { recursive: true });
  at.write("secret", "mine");
  at.write("victim/result.json", "mine");
  const state = new DatabaseSync(join(at.path, STATE));
  state.exec(sql.replaceAll("BATCH", left.batch));
  state.close();
  const { code, stderr } = await at.run("resume", "--job", "slow.ts");
  expect(stderr).toMatch(place);
  expect(stderr).toMatch(
    / is damaged, or this version of fanjoin did not write it: .*\[DIRECTORY_UNUSABLE\]/,
  );
  expect(stderr).not.toContain("bug in fanjoin");
  expect([2, 3]).toContain(code);
  for (const command of [["list"], ["show", left.batch], ["failed", left.batch]]) {
    const looked = await at.run(...command);
    expect(looked.stderr).not.toContain("bug in fanjoin");
  }
  expect(at.read("secret")).toBe("mine");
  expect(at.read("victim/result.json")).toBe("mine");
  secret.check();
});

test("a partial that names another file is refused where it is joined", async () => {
  const at = workspace();
  at.write("job.ts", rangeJob({ process: "(n) => { if (n === 3) throw new Error('no'); return n; }" }));
  const { summary } = await at.json("run", "job.ts", "--chunk-items", "5");
  const state = new DatabaseSync(join(at.path, STATE));
  const changed = state
    .prepare("UPDATE records SET body = ?, sum = NULL WHERE key LIKE 'partial/%'")
    .run('{"name":"file:///etc/passwd","offset":0,"length":9}');
  expect(changed.changes).toBeGreaterThan(0);
  state.close();
  const { code, stderr } = await at.run("redrive", summary.batch);
  expect(stderr).toMatch(/\.name of the record "partial\/.*\[DIRECTORY_UNUSABLE\]/);
  expect(stderr).toMatch(/the batch is not finished; .*\n.*fanjoin resume/);
  expect(code).toBe(3);
});
