import { expect, test } from "vitest";
import { retryAfter } from "../../../src/core/limits/retry-after.ts";
import type { Context, JobSettings } from "../../../src/job/job.ts";
import { attempt } from "./attempt.ts";

/** Attempts at one item, with a clock that only waits move. */
async function waiting(
  process: (n: number, context: Context) => unknown,
  { random = 0, ...settings }: JobSettings & { readonly random?: number } = {},
) {
  const waits: number[] = [];
  let calls = 0;
  const context = {
    deadlineAt: Infinity,
    random: () => random,
    now: () => waits.reduce((sum, ms) => sum + ms, 0),
    sleep: async (ms: number) => void waits.push(ms),
  };
  const outcome = await attempt(1, {
    ...settings,
    process: (_, own) => process(++calls, own),
    context,
  });
  return { outcome, waits, calls };
}

test.each([true, false])("a wait that was asked for is not counted as a try (sync: %s)", async (sync) => {
  const attempts: number[] = [];
  const { outcome, waits } = await waiting(
    (n, { attempt: which }) => {
      attempts.push(which);
      if (n > 5) return "done";
      if (sync) throw retryAfter(2);
      return Promise.reject(retryAfter(2));
    },
    { retries: 0 },
  );
  expect(outcome).toEqual({ ok: true, value: "done" });
  expect(waits).toEqual([2000, 2000, 2000, 2000, 2000]);
  expect(attempts).toEqual([1, 1, 1, 1, 1, 1]);
});

test("a bare 429 and a bare 503 are counted as tries", async () => {
  for (const status of [429, 503]) {
    const { outcome, calls } = await waiting(() => {
      throw Object.assign(new Error(`status ${status}`), { status, headers: new Headers() });
    });
    expect(calls).toBe(3);
    expect(outcome).toMatchObject({ code: "ITEM_FAILED", attempts: 3 });
  }
});

test("counted tries and asked-for waits do not mix", async () => {
  const { outcome, calls } = await waiting(
    (n) => {
      if (n % 2 === 0) throw retryAfter(1);
      throw new Error(`try ${n}`);
    },
    { retries: { limit: 2, baseMs: 1 } },
  );
  expect(calls).toBe(5);
  expect(outcome).toMatchObject({ attempts: 3, error: { message: "try 5" } });
});

test("an item that has waited a quarter of an hour in all has failed", async () => {
  const { outcome, waits } = await waiting(() => {
    throw retryAfter(250, new Error("busy"));
  });
  expect(waits).toEqual([250_000, 250_000, 250_000]);
  expect(outcome).toMatchObject({
    ok: false,
    code: "ITEM_FAILED",
    attempts: 1,
    error: {
      message:
        "the item is to be tried again after 250 s, has waited 750 s already, and waits 900 s at most in all: redrive it later",
      cause: { name: "RetryAfterError", cause: { message: "busy" } },
    },
  });
});

test("jitter lengthens a wait, but not beyond a quarter of an hour", async () => {
  const { waits } = await waiting(
    (n) => {
      if (n === 1) throw retryAfter(400);
      if (n === 2) throw retryAfter(400);
      return n;
    },
    { random: 0.5 },
  );
  expect(waits).toEqual([450_000, 450_000]);
});

test("a wait beyond the end of the function's time fails the item at once", async () => {
  const outcome = await attempt(1, {
    process: () => {
      throw retryAfter(1);
    },
    context: { now: () => 400, deadlineAt: 1000 },
  });
  expect(outcome).toMatchObject({
    code: "ITEM_FAILED",
    error: { message: expect.stringContaining("shorter") },
  });
});

class Forbidden extends Error {
  readonly headers = { "retry-after": "1" };
}

test("a header is not obeyed where the job's policy rules another try out", async () => {
  const thrower = (): never => {
    throw new Forbidden("no");
  };
  for (const retries of [{ except: [Forbidden] }, { on: () => false }]) {
    const { outcome, waits } = await waiting(thrower, { retries });
    expect(waits).toEqual([]);
    expect(outcome).toMatchObject({ attempts: 1, error: { message: "no" } });
  }
});

test("a wait that the job itself asks for is obeyed whatever its policy says", async () => {
  for (const retries of [{ on: () => false }, { except: [Error] }]) {
    const { outcome, waits } = await waiting(
      (n) => {
        if (n === 1) throw retryAfter(3);
        return "done";
      },
      { retries },
    );
    expect([outcome, waits]).toEqual([{ ok: true, value: "done" }, [3000]]);
  }
});

test("delayMs takes the place of the built-in waits, and gets the error and the number of the try", async () => {
  const asked: unknown[] = [];
  const delayMs = (error: unknown, which: number): number => {
    asked.push([(error as Error).message, which]);
    return which * 7;
  };
  const { waits } = await waiting(
    (n) => {
      throw new Error(`try ${n}`);
    },
    { retries: { limit: 2, delayMs } },
  );
  expect(waits).toEqual([7, 14]);
  expect(asked).toEqual([
    ["try 1", 1],
    ["try 2", 2],
  ]);
});

test.each([NaN, -1, "soon", 900_001])("a delayMs that returns %s fails the item, and says so", async (ms) => {
  const { outcome } = await waiting(
    () => {
      throw new Error("busy");
    },
    { retries: { delayMs: () => ms as number } },
  );
  expect(outcome).toMatchObject({
    code: "ITEM_FAILED",
    attempts: 1,
    error: {
      code: "ITEM_FAILED",
      message: `retries.delayMs has to return milliseconds from 0 to 900000, but returned ${ms}`,
      cause: { message: "busy" },
    },
  });
});

test("a delayMs that throws means no retry", async () => {
  const delayMs = (): never => {
    throw new Error("the rule is broken");
  };
  const { outcome } = await waiting(
    () => {
      throw new Error("busy");
    },
    { retries: { delayMs } },
  );
  expect(outcome).toMatchObject({ attempts: 1, error: { message: "busy" } });
});
