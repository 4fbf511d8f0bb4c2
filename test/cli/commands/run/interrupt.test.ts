import { expect, test } from "vitest";
import { workspace, rangeJob, SLOW_SUM, startSlow } from "../../command.ts";

test("Ctrl-C stops cleanly and prints the resume command, and resuming gives the whole result", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toMatch(/\nstopping…/);
  expect(stderr.trimEnd()).toMatch(new RegExp(`\n  fanjoin resume ${batch}$`));
  expect(stdout).toBe("");
  expect(code).toBe(130);
  const resumed = await at.json("resume");
  expect(resumed.summary).toMatchObject({ batch, state: "succeeded", result: { value: SLOW_SUM } });
  expect(resumed.code).toBe(0);
  const again = await at.json("resume", batch.slice(0, 20));
  expect(again.summary).toEqual(resumed.summary);
});

test("resume without an id reports the latest batch if all have ended, with its exit code", async () => {
  const at = workspace();
  at.write("one.ts", rangeJob());
  await at.run("run", "one.ts");
  at.write("two.ts", rangeJob({ process: "(n) => { if (n === 3) throw new Error('no'); return n; }" }));
  const { summary, code } = await at.json("run", "two.ts");
  const resumed = await at.json("resume", "--output", "copy.json");
  expect(resumed).toMatchObject({ code: 1, summary });
  expect(resumed.stderr).toBe(`nothing to resume: the latest batch, ${summary.batch}, has ended\n`);
  expect(at.read("copy.json")).toBe("187\n");
  expect(code).toBe(1);
});

test("kill -9 loses nothing", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  expect((await running.ended).signal).toBe("SIGKILL");
  const { summary } = await at.json("resume", batch);
  expect(summary).toMatchObject({ state: "succeeded", result: { value: SLOW_SUM } });
});

test("a run with the --id of an interrupted batch continues it", async () => {
  const at = workspace();
  at.write(
    "slow.ts",
    rangeJob({ to: 12, process: "async (n) => { await new Promise((r) => setTimeout(r, 60)); return n; }" }),
  );
  const first = at.start("run", "slow.ts", "--id", "x", "--concurrency", "1");
  const [, batch = ""] = await first.said(/batch (\w+) runs/);
  first.child.kill("SIGINT");
  expect((await first.ended).code).toBe(130);
  const { summary } = await at.json("run", "slow.ts", "--id", "x");
  expect(summary).toMatchObject({ batch, state: "succeeded", result: { value: 66 } });
});

test("a second Ctrl-C does not wait for running items, and prints the resume command, too", async () => {
  const at = workspace();
  // A blocking item: it does not react to any signal.
  const process =
    "(n) => { const end = Date.now() + (n === 3 ? 20_000 : 10); while (Date.now() < end); return n; }";
  at.write(
    "deaf.ts",
    rangeJob({ process: process.replace("=> {", "=> { if (n === 3) console.log('deaf now');") }),
  );
  const running = at.start("run", "deaf.ts", "--dir", "some where");
  await running.said(/deaf now/);
  running.child.kill("SIGINT");
  await running.said(/stopping/);
  const since = performance.now();
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(performance.now() - since).toBeLessThan(1000);
  expect(stderr).toMatch(/\n {2}fanjoin resume \w{26} --dir 'some where'\n$/);
  const [, batch = ""] = /resume (\w{26})/.exec(stderr) ?? [];
  expect((await at.json("show", batch, "--dir", "some where")).summary).toMatchObject({ endedAt: null });
});

test("the resume command quotes the directory for a shell", async () => {
  const at = workspace();
  at.write(
    "slow.ts",
    rangeJob({ process: "async (n) => { await new Promise((r) => setTimeout(r, 500)); return n; }" }),
  );
  const running = at.start("run", "slow.ts", "--dir", "it's here", "--json");
  await running.said(/runs/);
  running.child.kill("SIGTERM");
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toContain(String.raw`--dir 'it'\''s here'`);
  expect(JSON.parse(stdout)).toMatchObject({ job: "numbers", endedAt: null, error: null });
  expect(code).toBe(130);
});

test("after kill -9 the items of a chunk run concurrently again, not one at a time", async () => {
  const at = workspace();
  // Each item waits until four have started: one at a time, they would wait forever.
  at.write(
    "together.ts",
    `import { existsSync } from "node:fs";
     import { defineJob, range, sum } from "fanjoin";
     let here = 0;
     let all;
     const together = new Promise((resolve) => (all = resolve));
     export default defineJob({ name: "together", input: range(4), join: sum(), retries: 0, concurrency: 4, itemTimeoutMs: 20_000,
       async process(n, { log }) {
         // Logged once the received messages are certainly committed.
         if (!existsSync("go")) { setTimeout(() => log.info("up"), 500); await new Promise((resolve) => setTimeout(resolve, 60_000)); }
         if (++here === 4) all();
         await together;
         return n;
       } });`,
  );
  const killed = at.start("run", "together.ts", "--chunk-items", "4");
  await killed.said(/up/);
  killed.child.kill("SIGKILL");
  await killed.ended;
  at.write("go", "");
  const { code, summary } = await at.json("resume");
  expect(summary).toMatchObject({ state: "succeeded", result: { value: 6 } });
  expect(code).toBe(0);
});
