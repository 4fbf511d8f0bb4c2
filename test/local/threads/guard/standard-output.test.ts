/** Standard output is the command's: what a job writes there arrives at standard error. */
import { expect, test } from "vitest";
import { workspace } from "../../../cli/command.ts";

/** What items do to reach descriptor 1, each with a word of its own. */
const DEEDS: readonly (readonly [word: string, deed: string])[] = [
  ["execSync", `child.execSync("echo execSync", { stdio: "inherit" })`],
  ["execSyncList", `child.execSync("echo execSyncList", { stdio: ["ignore", "inherit", "inherit"] })`],
  ["execSyncNumbers", `child.execSync("echo execSyncNumbers >&2", { stdio: [0, "ignore", 1] })`],
  ["execFileSync", `child.execFileSync("echo", ["execFileSync"], { stdio: "inherit" })`],
  ["spawnSync", `child.spawnSync("echo", ["spawnSync"], { stdio: "inherit" })`],
  ["spawn", `await done(child.spawn("echo", ["spawn"], { stdio: [0, 1, 2] }))`],
  ["spawnShell", `await done(child.spawn("echo spawnShell", { stdio: "inherit", shell: true }))`],
  ["fork", `await done(child.fork("child.mjs", ["fork"]))`],
  ["forkInherit", `await done(child.fork("child.mjs", ["forkInherit"], { stdio: "inherit" }))`],
  ["forkOptions", `await done(child.fork("child.mjs", { env: { ...process.env, WORD: "forkOptions" } }))`],
  ["require", `require("child_process").execSync("echo require", { stdio: "inherit" })`],
  ["writeSync", `writeSync(1, "writeSync\\n")`],
  ["writeSyncBytes", `fs.writeSync(1, Buffer.from("writeSyncBytes\\n"), 0, 15)`],
  ["callback", `await new Promise((resolve) => fs.write(1, "callback\\n", resolve))`],
  [
    "promisified",
    `if ((await promisify(fs.write)(1, "promisified\\n")).bytesWritten !== 12) throw new Error("not written")`,
  ],
  ["writev", `fs.writevSync(1, [Buffer.from("wri"), Buffer.from("tev\\n")])`],
  ["writeFileSync", `fs.writeFileSync(1, "writeFileSync\\n")`],
  ["writeFile", `await promisify(fs.writeFile)(1, "writeFile\\n")`],
  ["appendFileSync", `fs.appendFileSync("/dev/stdout", "appendFileSync\\n")`],
  [
    "openSync",
    `const fd = fs.openSync("/proc/self/fd/1", "w"); fs.writeSync(fd, "openSync\\n"); fs.closeSync(fd)`,
  ],
  ["stream", `await new Promise((resolve) => fs.createWriteStream("", { fd: 1 }).end("stream\\n", resolve))`],
  [
    "streamPath",
    `await new Promise((resolve) => createWriteStream(new URL("file:///dev/stdout")).end("streamPath\\n", resolve))`,
  ],
  ["closed", `fs.closeSync(1); await promisify(fs.close)(1); writeSync(1, "closed\\n")`],
  ["log", `console.log("log")`],
  ["stdout", `process.stdout.write("stdout\\n")`],
];

test("whatever a job writes to standard output, --json is one document there", async () => {
  const at = workspace();
  at.write("child.mjs", `console.log(process.env.WORD ?? process.argv[2]); process.disconnect();`);
  at.write(
    "job.ts",
    `import { defineJob, range, count } from "fanjoin";
    import * as child from "node:child_process";
    import fs, { createWriteStream, writeSync } from "node:fs";
    import { createRequire } from "node:module";
    import { promisify } from "node:util";
    const require = createRequire(import.meta.url);
    const done = (child) => new Promise((resolve) => child.on("close", resolve));
    const deeds = [${DEEDS.map(([, deed]) => `async () => { ${deed}; }`).join(",\n")}];
    export default defineJob({
      name: "writes", input: range(deeds.length), join: count(), retries: 0, process: (n) => deeds[n](),
    });`,
  );
  const { code, stderr, summary } = await at.json("run", "job.ts", "--concurrency", "1");
  expect(summary.failed === null ? "" : at.read(`.fanjoin/batches/${summary.batch}/failed.jsonl`)).toBe("");
  expect(summary.items).toEqual({ total: DEEDS.length, succeeded: DEEDS.length, failed: 0, skipped: 0 });
  expect(code).toBe(0);
  const words = stderr.split(/\s+/);
  expect(DEEDS.map(([word]) => word).filter((word) => !words.includes(word))).toEqual([]);
}, 30_000);
