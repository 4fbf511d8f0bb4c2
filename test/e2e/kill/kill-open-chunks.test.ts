/** Kills processes in which many chunks are open, because their items wait. */
import { expect, test } from "vitest";
import { chance } from "../../../src/core/chance.ts";
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { withoutStacks } from "../driver.ts";
import { survive, written } from "./killing.ts";
import type { Written } from "./killing.ts";

/** `FANJOIN_SEED` reproduces the moments, as far as a real machine can. */
const seed = Number(process.env["FANJOIN_SEED"] ?? 20_261_129);
const KILLS = 8;
const ITEMS = 1500;

/** Every 50th item takes a quarter of a second, one in 100 fails. Chunks end in any order. */
const JOB = `import { collect, defineJob, fold, range } from "fanjoin";
  const order = fold({ init: () => "", add: (acc, { n }) => acc + n + ",", merge: (a, b) => a + b });
  export default defineJob({
    name: "waiting", input: range(${ITEMS}), concurrency: 16, retries: 0,
    async process(n) {
      await new Promise((resolve) => setTimeout(resolve, n % 50 === 7 ? 250 : n % 7));
      if (n % 100 === 42) throw new Error("item " + n + " is bad");
      return { n };
    },
    join: { order, rows: collect() },
  });`;
const RUN = ["run", "waiting.ts", "--threads", "2", "--chunk-items", "3"];

function prepared(): Workspace {
  const at = workspace();
  at.write("waiting.ts", JOB);
  return at;
}

async function filesOf(at: Workspace): Promise<Written> {
  const files = await written(at);
  return { ...files, failed: withoutStacks(files.failed) };
}

test("killed at any moment while many chunks are open, a batch writes the same files, byte for byte", async () => {
  const quiet = prepared();
  expect((await quiet.run(...RUN, "--quiet")).code).toBe(1);
  const uninterrupted = await filesOf(quiet);
  const good = Array.from({ length: ITEMS }, (_, n) => n).filter((n) => n % 100 !== 42);
  expect(JSON.parse(uninterrupted.result)).toEqual({
    order: good.map((n) => `${n},`).join(""),
    rows: good.length,
  });
  expect(uninterrupted.outputs).toBe(good.map((n) => `${JSON.stringify({ n })}\n`).join(""));

  const killed = prepared();
  expect(await survive(killed, RUN, chance(seed), KILLS)).toBeGreaterThan(0);
  expect(await filesOf(killed), `seed ${seed}`).toEqual(uninterrupted);
}, 120_000);
