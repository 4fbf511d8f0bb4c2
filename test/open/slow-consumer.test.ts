/**
 * A slow consumer of many outputs, in a process of its own. `FANJOIN_OUTPUTS=10000000` is the long form. The
 * outputs of the quick form are wide: together they have more bytes than the process may take.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bench } from "../local/engine/engines.ts";

const { FANJOIN_OUTPUTS = "350000" } = process.env;
const OUTPUTS = Number(FANJOIN_OUTPUTS);
const IS_LONG = OUTPUTS > 1_000_000;
const WIDE = 1200;
/** A busy machine collects garbage later: 320 MB were seen there, and 280 on a quiet one. */
const MAX_PEAK_MB = 360;
const LONG_MS = 30 * 60_000;

const job = (width: number): string => `
  import { collect, defineJob, range } from "fanjoin";
  export default defineJob({ name: "many", input: range(${OUTPUTS}), process: (n) => ({ n, wide: "x".repeat(${width}) }), join: collect() });
`;

const moduleAt = (path: string): string => JSON.stringify(fileURLToPath(import.meta.resolve(path)));

/** Takes a pause after each 10,000 outputs, and prints what it has seen and the most memory that it took. */
const consumer = (order: string): string =>
  `
  import { setTimeout as sleep } from "node:timers/promises";
  import { open } from ${moduleAt("../../src/open/open.ts")};
  import { peakMb } from ${moduleAt("../../bench/contestants/outcome.ts")};
  await using fanjoin = await open({ directory: "state-${order}", threads: 2 });
  const batch = await fanjoin.submit("job.ts");
  let [seen, sum, isInOrder, last] = [0, 0, true, -1];
  for await (const { n } of batch.outputs({ order: "${order}" })) {
    isInOrder &&= n === last + 1;
    [seen, sum, last] = [seen + 1, sum + n, n];
    if (seen % 10_000 === 0) await sleep(5);
  }
  console.log(JSON.stringify({ seen, sum, isInOrder, peakMb: peakMb() }));
`;

test.skipIf(process.platform !== "linux").for([
  ["input", IS_LONG ? 0 : WIDE],
  ["completed", 0],
] as const)(
  "a slow consumer gets all outputs in the order %s, and memory does not grow with them",
  { timeout: LONG_MS },
  async ([order, width]) => {
    const at = bench();
    at.write("job.ts", job(width));
    const file = at.write("consumer.mjs", consumer(order));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: at.path() });
    const { seen, sum, isInOrder, peakMb } = JSON.parse(stdout) as { [name: string]: number | boolean };
    expect([seen, sum]).toEqual([OUTPUTS, (OUTPUTS * (OUTPUTS - 1)) / 2]);
    expect(isInOrder || order === "completed").toBe(true);
    expect(peakMb).toBeLessThan(MAX_PEAK_MB);
  },
);
