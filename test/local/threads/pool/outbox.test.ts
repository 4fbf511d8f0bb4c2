import { expect, test } from "vitest";
import { Outbox } from "../../../../src/local/threads/pool/outbox.ts";
import type { Call } from "../../../../src/local/threads/thread-messages.ts";

const call = (upTo: number): Call => ({ type: "interrupt", upTo });

function outboxOf(): { outbox: Outbox; posted: unknown[] } {
  const posted: unknown[] = [];
  return { posted, outbox: new Outbox({ postMessage: (calls: unknown) => void posted.push(calls) }) };
}

test("calls for a busy thread travel as one message, after the event loop has turned", async () => {
  const { outbox, posted } = outboxOf();
  outbox.soon(call(1));
  outbox.soon(call(2));
  expect(posted).toEqual([]);
  await turn();
  expect(posted).toEqual([[call(1), call(2)]]);
  outbox.soon(call(3));
  await turn();
  expect(posted).toEqual([[call(1), call(2)], [call(3)]]);
});

test("a call that cannot wait takes those that are held with it, in their order", async () => {
  const { outbox, posted } = outboxOf();
  outbox.soon(call(1));
  outbox.now(call(2));
  expect(posted).toEqual([[call(1), call(2)]]);
  await turn();
  expect(posted).toHaveLength(1);
});

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
