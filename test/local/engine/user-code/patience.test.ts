import { expect, onTestFinished, test, vi } from "vitest";
import { bench, specFor } from "../engines.ts";

test("a chunk that takes hours is not delivered a second time", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => {
    vi.useRealTimers();
    // Nobody after this test has the engine that has captured its clock.
    vi.resetModules();
  });
  // The engine takes its clock when it is loaded.
  vi.resetModules();
  const { openEngine } = await import("../../../../src/local/engine/open-engine.ts");
  const at = bench();
  const begun: string[] = [];
  const engine = await openEngine({
    directory: at.path("state"),
    concurrency: 2,
    synchronous: "normal",
    onLog: ({ message }) => begun.push(message),
  });
  onTestFinished(() => engine.stop());
  const text = `
    import { existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { defineJob, range, sum } from "fanjoin";
    export default defineJob({ name: "slow", input: range(2), join: sum(), async process(n, ctx) {
      ctx.log.info("item " + n);
      while (!existsSync(${JSON.stringify(at.path("go"))})) await sleep(5);
      return n;
    } });`;
  const slow = await engine.load(at.write("slow.ts", text));
  await engine.submit(specFor(slow, { items: 1, deadlineMs: 24 * 3_600_000 }));
  await vi.waitUntil(() => begun.length === 2);

  vi.setSystemTime(Date.now() + 5 * 3_600_000);
  const quick = `import { defineJob, range } from "fanjoin"; export default defineJob({ name: "quick", input: range(3), process: (n) => n });`;
  const other = await engine.load(at.write("quick.ts", quick));
  await engine.submit(specFor(other, { batch: "01B" }));
  await engine.finished("01B");
  at.write("go", "");
  expect(await engine.finished("01A")).toMatchObject({ state: "succeeded", totals: { chunks: 2 } });
  expect(begun.toSorted()).toEqual(["item 0", "item 1"]);
});
