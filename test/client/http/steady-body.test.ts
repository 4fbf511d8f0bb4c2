import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { steadyBody } from "../../../src/client/http/steady-body.ts";
import type { Body } from "../../../src/client/http/steady-body.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const SLOWEST = { windowMs: 30_000, bytes: 30 };
const FROM = { from: "http://x", explain: (error: unknown) => error };

/** A body whose blocks each take a time to come. */
function body(blocks: number, bytes: number, eachMs: number): Body & { closed: boolean } {
  return {
    closed: false,
    async *[Symbol.asyncIterator]() {
      for (let block = 0; block < blocks; block++) {
        vi.advanceTimersByTime(eachMs);
        yield Buffer.alloc(bytes);
      }
    },
    destroy() {
      this.closed = true;
    },
  };
}

test("a body with too few bytes in the time that was waited for them is refused", async () => {
  const read = Array.fromAsync(steadyBody(body(100, 1, 2000), SLOWEST, FROM));
  await expect(read).rejects.toMatchObject({
    code: "ENDPOINT_UNUSABLE",
    message: "http://x is too slow: it sent 15 bytes of its answer in 30 s. Try again",
  });
});

test("a slow body with enough bytes is read whole, and a small one that ends in time", async () => {
  expect(await Array.fromAsync(steadyBody(body(100, 2, 2000), SLOWEST, FROM))).toHaveLength(100);
  expect(await Array.fromAsync(steadyBody(body(3, 1, 2000), SLOWEST, FROM))).toHaveLength(3);
});

test("the time that the reader takes does not count", async () => {
  let bytes = 0;
  for await (const block of steadyBody(body(50, 1, 0), SLOWEST, FROM)) {
    vi.advanceTimersByTime(60_000);
    bytes += block.length;
  }
  expect(bytes).toBe(50);
});

test("a reader that stops early closes the body", async () => {
  const source = body(50, 1, 0);
  for await (const _ of steadyBody(source, SLOWEST, FROM)) break;
  expect(source.closed).toBe(true);
});
