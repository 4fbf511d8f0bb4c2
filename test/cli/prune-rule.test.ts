import { expect, test } from "vitest";
import { age, batchesToPrune, pruneRule } from "../../src/cli/prune-rule.ts";

const NOW = Date.parse("2026-11-29T12:00:00.000Z");
const HOUR = 3_600_000;

/** Newest first; `null` has not ended. */
const ENDED_HOURS_AGO = [null, 0, 1, null, 100, 30, 200] as const;

async function pruned(options: Parameters<typeof pruneRule>[0]): Promise<number[]> {
  async function* batches() {
    for (const hours of ENDED_HOURS_AGO)
      yield { hours, endedAt: hours === null ? null : new Date(NOW - hours * HOUR).toISOString() };
  }
  const found = await Array.fromAsync(batchesToPrune(batches(), pruneRule(options), NOW));
  return found.map(({ hours }) => Number(hours));
}

test.for([
  [{}, [200]],
  [{ older: 30 * HOUR }, [100, 30, 200]],
  [{ older: 0 }, [0, 1, 100, 30, 200]],
  [{ keep: 2 }, [100, 30, 200]],
  [{ keep: 5 }, []],
  [{ keep: 0 }, [0, 1, 100, 30, 200]],
  [{ keep: 3, older: 150 * HOUR }, [200]],
  [{ keep: 3, older: 20 * HOUR }, [30, 200]],
] as const)("%o removes the batches that ended so many hours ago: %o", async ([options, hours]) => {
  expect(await pruned(options)).toEqual(hours);
});

test.for([
  ["30s", 30_000],
  ["5min", 300_000],
  ["12h", 12 * HOUR],
  ["7d", 168 * HOUR],
  ["2w", 336 * HOUR],
  ["0d", 0],
] as const)("%s is %i ms", ([text, ms]) => {
  expect(age(text)).toBe(ms);
});

test.for(["", "7", "d", "-1d", "1.5d", "7 d", "7m", "7days", "1e3d", "9999999999d"])(
  "%j is no time",
  (text) => {
    expect(() => age(text)).toThrow("such as 30min, 12h, 7d or 2w");
  },
);
