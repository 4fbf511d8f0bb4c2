import { expect, test } from "vitest";
import { turns } from "../../../src/dev/http/large-bodies.ts";

test("bodies are answered one after another, and few are in memory", async () => {
  const queue = turns();
  let held = 0;
  let answering = 0;
  const most = { held: 0, answering: 0 };
  const answers = Array.from({ length: 30 }, (_, number) =>
    queue.large(
      async () => {
        most.held = Math.max(most.held, ++held);
        return number;
      },
      async (body) => {
        most.answering = Math.max(most.answering, ++answering);
        await Promise.resolve();
        answering--;
        held--;
        return body;
      },
    ),
  );
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 30 }, (_, number) => number));
  expect(most).toEqual({ held: 8, answering: 1 });
});

test("a body waits while a request without one is being answered, but not for ever", async () => {
  const queue = turns();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const read = async (): Promise<string> => "body";
  const body = queue.large(read, async () => void order.push("body"));
  const list = queue.small(async () => {
    await first.promise;
    order.push("list");
  });
  setImmediate(() => first.resolve());
  await Promise.all([body, list]);
  expect(order).toEqual(["list", "body"]);
  const stuck = Promise.withResolvers<void>();
  const waiting = queue.small(() => stuck.promise);
  await queue.large(read, async () => void order.push("in spite of it"));
  stuck.resolve();
  await waiting;
  expect(order.at(-1)).toBe("in spite of it");
});

test("an answer that fails does not hold up the next", async () => {
  const queue = turns();
  const read = async (): Promise<string> => "body";
  const failed = queue.large(read, () => Promise.reject(new Error("no")));
  await expect(failed).rejects.toThrow("no");
  expect(await queue.large(read, async (body) => body)).toBe("body");
});
