import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

interface Document {
  readonly bench: string;
  readonly contestants: readonly {
    readonly name: string;
    readonly skipped: string | null;
    readonly rounds: readonly unknown[];
  }[];
  readonly ratios: { readonly [name: string]: number | null };
}

/** Runs a bench at a small size; its last line. How fast it was is nobody's business here. */
async function bench(...args: string[]): Promise<Document> {
  const { stdout } = await run(process.execPath, ["bench/run.ts", ...args, "--rounds", "1", "--json"]);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Document;
}

test("the chunks bench has figures of every contestant that is here, and they agree", async () => {
  const { contestants, ratios } = await bench("chunks", "--chunks", "300");
  expect(contestants.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["fanjoin", "fanjoin normal", "piscina", "Pool.map", "BullMQ", "bare loop 64"]),
  );
  for (const { skipped, rounds } of contestants) expect(rounds).toHaveLength(skipped === null ? 1 : 0);
  expect(ratios["fanjoin / piscina"]).toBeGreaterThan(0);
});

test("the curve has a contestant for every size", async () => {
  const { contestants } = await bench("chunks", "--curve", "--chunks", "100");
  expect(contestants.map(({ name }) => name)).toEqual(["1 chunks", "10 chunks", "100 chunks", "1000 chunks"]);
});

test("the csv bench has figures of every contestant, and they agree", async () => {
  const { contestants, ratios } = await bench("csv", "--mb", "1");
  expect(contestants.map(({ name }) => name)).toEqual(["fanjoin", "bare parser 1", "bare parser 2"]);
  expect(ratios["fanjoin / bare parser 2"]).toBeGreaterThan(0);
});

test("a bench that does not exist is refused with the list of those that do", async () => {
  await expect(bench("nothing")).rejects.toMatchObject({
    code: 2,
    stdout: expect.stringContaining("chunks"),
  });
});
