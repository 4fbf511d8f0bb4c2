import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { describeJobFile } from "../../../src/local/engine/describe-job-file.ts";
import type { LogEntry } from "../../../src/local/engine/engine.ts";
import { bench, numbers } from "./engines.ts";

test("a job is described beside a running engine, with what its file prints, and nothing is written", async () => {
  const at = bench();
  await at.open();
  const before = readdirSync(at.path("state")).toSorted();
  const file = at.write("job.ts", `console.warn("loaded"); ${numbers(3)}`);
  const log: LogEntry[] = [];
  const options = { directory: at.path("state"), onLog: (entry: LogEntry) => void log.push(entry) };
  const described = await describeJobFile(options, file, null);
  expect(described).toMatchObject({ file, name: "numbers", input: { kind: "range" } });
  expect(described.code).toMatch(/^[\w-]+$/);
  expect(log).toMatchObject([{ message: expect.stringContaining("loaded") as string }]);
  expect(["warn", "info", "error"]).toContain(log[0]?.level);
  expect(readdirSync(at.path("state")).toSorted()).toEqual(before);
  const elsewhere = await describeJobFile({ directory: at.path("none") }, file, null);
  expect(elsewhere).toEqual(described);
  expect(existsSync(at.path("none"))).toBe(false);
});

test("params that the job does not take are refused", async () => {
  const at = bench();
  const file = at.write(
    "job.ts",
    numbers(3, undefined, "params: z.object({ day: z.string() }),").replace(
      "import {",
      'import { z } from "zod"; import {',
    ),
  );
  const describing = describeJobFile({ directory: at.path("state") }, file, { day: 5 });
  await expect(describing).rejects.toMatchObject({ code: "JOB_INVALID", message: /day/ });
});
