import { expectTypeOf, test } from "vitest";
import * as z from "zod";
import { lines } from "../src/input/lines.ts";
import { range } from "../src/input/range.ts";
import { defineJob } from "../src/job/job.ts";
import type { Context, Job, JoinedOf, SetupContext } from "../src/job/job.ts";

class Pool {
  async query(text: string): Promise<number> {
    return text.length;
  }
  async end(): Promise<void> {}
}

test("ctx.own and the argument of teardown have the type that setup resolves to", () => {
  const job = defineJob({
    name: "rows",
    input: lines(),
    params: z.object({ table: z.string() }),
    setup: async ({ job: name, log, signal }) => {
      expectTypeOf(name).toEqualTypeOf<string>();
      log.debug("connecting");
      signal.throwIfAborted();
      return new Pool();
    },
    process: async (line, ctx) => {
      expectTypeOf(ctx).toEqualTypeOf<Context<{ table: string }, Pool>>();
      return { rows: await ctx.own.query(`${ctx.params.table} ${line}`) };
    },
    teardown(pool) {
      expectTypeOf(pool).toEqualTypeOf<Pool>();
      return pool.end();
    },
    join: (j) => j.sum((found) => found.rows),
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<number>();
  expectTypeOf(job).toEqualTypeOf<Job<string, string, { rows: number }, number, { table: string }, Pool>>();
  expectTypeOf(job).toExtend<Job>();
});

test("setup may return a value, and take no argument", () => {
  defineJob({
    name: "squares",
    input: range(3),
    process: (n, { own }) => n * own.factor,
    setup: () => ({ factor: 3 }),
  });
  expectTypeOf<Parameters<NonNullable<Job["setup"]>>>().toEqualTypeOf<[context: SetupContext]>();
});

test("a wrong use of own is refused", () => {
  const job = defineJob({
    name: "squares",
    input: range(3),
    setup: () => ({ factor: 3 }),
    // @ts-expect-error setup returns no facto
    process: (n, { own }) => n * own.facto,
  });
  expectTypeOf(job).toExtend<Job>();
  defineJob({
    name: "squares",
    input: range(3),
    // @ts-expect-error the job has no setup
    process: (n, { own }) => n * own.factor,
  });
  defineJob({
    name: "squares",
    input: range(3),
    setup: () => 3,
    process: (n) => n,
    // @ts-expect-error setup returns a number
    teardown: (own: string) => own,
  });
});
