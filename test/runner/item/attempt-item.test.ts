import { expect, test } from "vitest";
import type { Context } from "../../../src/job/job.ts";
import { describeError } from "../../../src/runner/describe-error.ts";
import { attempt } from "./attempt.ts";

test("an item that does not wait is done at once", () => {
  expect(attempt(1, { process: (n) => Number(n) + 1 })).toEqual({ ok: true, value: 2 });
});

test("an item that throws is tried again, and its attempts are counted", async () => {
  let tries = 0;
  const process = (): never => {
    throw new Error(`try ${++tries}`);
  };
  expect(await attempt(1, { process, retries: 2 })).toMatchObject({
    ok: false,
    code: "ITEM_FAILED",
    error: { name: "Error", message: "try 3" },
    attempts: 3,
  });
});

test("an item may succeed on a later attempt, and knows its number", async () => {
  const process = async (_: unknown, { attempt: which }: Context): Promise<number> => {
    if (which < 3) throw new Error("not yet");
    return which;
  };
  expect(await attempt(1, { process, retries: 5 })).toEqual({ ok: true, value: 3 });
});

test.each([
  ["a programming error", new TypeError("undefined is not a function"), 1],
  ["an error of an excepted class", new EvalError("never again"), 1],
  ["a network failure that fetch reports", new TypeError("fetch failed", { cause: new Error("reset") }), 3],
  ["an ordinary error", new Error("busy"), 3],
])("%s is tried as often as makes sense", async (_, error, attempts) => {
  const process = (): never => {
    throw error;
  };
  const outcome = await attempt(1, { process, retries: { limit: 2, except: [EvalError] } });
  expect(outcome).toMatchObject({ attempts });
  // With all tries used up it is not the policy that ends them.
  expect("noRetry" in outcome).toBe(attempts < 3);
});

test("the job's own rule decides what is tried again", async () => {
  const process = (): never => {
    throw new TypeError("again");
  };
  expect(await attempt(1, { process, retries: { limit: 4, on: () => true } })).toMatchObject({ attempts: 5 });
});

test.each([true, false])(
  "a rule that throws itself costs the item, not the chunk (sync: %s)",
  async (sync) => {
    const process = sync
      ? (): never => {
          throw new Error("first");
        }
      : async (): Promise<never> => Promise.reject(new Error("first"));
    const on = (): never => {
      throw new Error("the rule is broken");
    };
    expect(await attempt(1, { process, retries: { limit: 4, on } })).toMatchObject({
      code: "ITEM_FAILED",
      error: { message: "first" },
      attempts: 1,
    });
  },
);

test("an attempt that takes too long is ITEM_TIMEOUT, its signal is aborted, and it may be tried again", async () => {
  const signals: AbortSignal[] = [];
  const process = (_: unknown, { signal }: Context): Promise<never> => {
    signals.push(signal);
    return new Promise(() => undefined);
  };
  expect(await attempt(1, { process, itemTimeoutMs: 5, retries: 1 })).toMatchObject({
    code: "ITEM_TIMEOUT",
    attempts: 2,
  });
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test("a signal that is read after the time is up is already aborted", async () => {
  let context: Context | undefined;
  const process = (_: unknown, given: Context): Promise<never> => {
    context = given;
    return new Promise(() => undefined);
  };
  await attempt(1, { process, itemTimeoutMs: 5, retries: 0 });
  expect(context?.signal.aborted).toBe(true);
});

test("an item has one signal, so that listeners can be removed", () => {
  const process = (_: unknown, context: Context): boolean => context.signal === context.signal;
  expect(attempt(1, { process })).toEqual({ ok: true, value: true });
});

test("the signal is aborted when the batch ends, and the item is not tried again", async () => {
  const controller = new AbortController();
  const process = (_: unknown, { signal }: Context): Promise<never> =>
    new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(new Error("told to stop"))),
    );
  const outcome = attempt(1, { process, retries: 5, context: { signal: controller.signal } });
  controller.abort();
  expect(await outcome).toMatchObject({ code: "ITEM_FAILED", attempts: 1 });
});

test("a rejection that comes after the time is up is ignored", async () => {
  const process = (): Promise<never> => new Promise((_, reject) => setTimeout(reject, 15, new Error("late")));
  expect(await attempt(1, { process, itemTimeoutMs: 5, retries: 0 })).toMatchObject({ code: "ITEM_TIMEOUT" });
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("the context says where the item is and how long it may take", async () => {
  const process = (_: unknown, { position, params, attempt: which }: Context): unknown => {
    return { position, params, which };
  };
  const outcome = await attempt(1, { process });
  expect(outcome).toMatchObject({
    ok: true,
    value: { position: { source: "in.csv", chunk: 4, index: 0, offset: 12 }, params: { limit: 1 }, which: 1 },
  });
  expect(attempt(1, { process: (_, context) => context.remainingMs() })).toEqual({ ok: true, value: 600 });
});

const nothing = (): void => undefined;

test.each([
  ["never calls back", { then: nothing }],
  [
    "answers with one that never calls back",
    { then: (done: (value: unknown) => void) => done({ then: nothing }) },
  ],
])("a thenable that %s is ITEM_TIMEOUT", async (_, value) => {
  expect(await attempt(1, { process: () => value, itemTimeoutMs: 5, retries: 0 })).toMatchObject({
    code: "ITEM_TIMEOUT",
  });
});

test("each of many items has its own time", async () => {
  const late = (ms: number) => async (): Promise<number> => new Promise((done) => setTimeout(done, ms, ms));
  const outcomes = [1, 2, 60_000, 3].map(async (ms) =>
    attempt(1, { process: late(ms), itemTimeoutMs: 40, retries: 0 }),
  );
  expect((await Promise.all(outcomes)).map(({ ok }) => ok)).toEqual([true, true, false, true]);
  expect(await attempt(1, { process: late(60_000), itemTimeoutMs: 40, retries: 0 })).toMatchObject({
    code: "ITEM_TIMEOUT",
  });
});

class HttpError extends Error {}
class OwnName extends Error {
  override readonly name = "Named";
}
const cyclic = new Error("round and round");
cyclic.cause = cyclic;
const nameless = Object.defineProperty(new Error("x"), "name", {
  get() {
    throw new Error("no");
  },
});
const trap = (): never => {
  throw new Error("no");
};
const trapped = new Proxy(new Error("x"), { get: trap, getPrototypeOf: trap, has: trap });

const hostile = new Error("x");
Object.defineProperty(hostile, "message", {
  get() {
    throw new Error("no");
  },
});

const UNSHOWN = "the thrown value cannot be shown";

test.each([
  ["text", "plain text", { name: "string", message: "plain text" }],
  ["nothing", undefined, { name: "undefined", message: "undefined was thrown, which is no error" }],
  ["null", null, { name: "object", message: "null was thrown, which is no error" }],
  ["an object without a prototype", Object.create(null), { name: "object", message: UNSHOWN }],
  ["a symbol", Symbol("s"), { name: "symbol", message: "Symbol(s) was thrown, which is no error" }],
  [
    "an error whose message throws",
    hostile,
    { name: "Error", message: "the message of this error cannot be read" },
  ],
  ["an error of a class of its own", new HttpError("502"), { name: "HttpError", message: "502" }],
  ["an error that names itself", new OwnName("x"), { name: "Named", message: "x" }],
  [
    "an error with a code",
    Object.assign(new Error("no such file"), { code: "ENOENT" }),
    { name: "Error", message: "no such file", code: "ENOENT" },
  ],
  ["an error that is its own cause", cyclic, { name: "Error", message: "round and round" }],
  ["an error whose name throws", nameless, { name: "Error", message: "x" }],
  ["a proxy that refuses everything", trapped, { name: "object", message: UNSHOWN }],
  ["a plain object", { status: 502 }, { name: "object", message: '{"status":502}' }],
  [
    "an endless message",
    new Error("x".repeat(1_000_000)),
    { name: "Error", message: `${"x".repeat(8192)}…` },
  ],
  [
    "an error whose message is no text",
    Object.assign(new Error("x"), { message: 10n }),
    { name: "Error", message: "10" },
  ],
])("what was thrown is described even if it is %s", async (_, thrown, described) => {
  expect(describeError(thrown)).toMatchObject(described);
  const process = (): never => {
    throw thrown;
  };
  expect(await attempt(1, { process, retries: 0 })).toMatchObject({ code: "ITEM_FAILED", error: described });
});

test("an item that is interrupted while it waits for its next attempt is not tried again", async () => {
  const controller = new AbortController();
  let tries = 0;
  const process = (): never => {
    tries++;
    queueMicrotask(() => controller.abort());
    throw new Error("not yet");
  };
  const retries = { limit: 3, baseMs: 60_000, maxMs: 60_000 };
  await attempt(1, { process, retries, context: { signal: controller.signal, random: () => 1 } });
  expect(tries).toBe(1);
});
