/** Reads of which DynamoDB answers only a part: it is throttled, or a response would be too large. */
import type { BatchGetItemCommand, BatchGetItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { createDynamoLedger } from "../../../src/aws/ledger/ledger.ts";

/** A table with the keys `k0` … `k9`. The nth request is answered for `most(n)` of its keys. */
function answering(most: (request: number) => number, withResponses = true) {
  const asked: string[][] = [];
  const consistent: (boolean | undefined)[] = [];
  const waits: number[] = [];
  const client = {
    async send({ input }: BatchGetItemCommand): Promise<Partial<BatchGetItemCommandOutput>> {
      const { Keys = [], ConsistentRead } = input.RequestItems?.["t"] ?? {};
      consistent.push(ConsistentRead);
      const keys = Keys.map(({ pk }) => pk?.S ?? "");
      asked.push(keys);
      const count = most(asked.length);
      const found = keys.slice(0, count).filter((key) => /^k\d$/.test(key));
      const left = Keys.slice(count);
      return {
        ...(withResponses || found.length > 0
          ? { Responses: { t: found.map((key) => ({ pk: { S: key }, n: { N: key.slice(1) } })) } }
          : {}),
        UnprocessedKeys: left.length === 0 ? {} : { t: { Keys: left } },
      };
    },
  };
  const ledger = createDynamoLedger({
    client: client as never,
    table: "t",
    now: () => 0,
    retentionDays: 1,
    backoff: async (tries) => void waits.push(tries),
  });
  return { ledger, asked, consistent, waits };
}

test("the keys that were left are asked for again, and records come in the order of the keys", async () => {
  const { ledger, asked, consistent, waits } = answering(() => 2);
  expect(await ledger.read(["k3", "none", "k1", "k3", "k2", "k0"])).toEqual([
    { n: 3 },
    null,
    { n: 1 },
    { n: 3 },
    { n: 2 },
    { n: 0 },
  ]);
  expect(asked).toEqual([["k3", "none", "k1", "k2", "k0"], ["k1", "k2", "k0"], ["k0"]]);
  expect(consistent).toEqual([true, true, true]);
  expect(waits).toEqual([1, 1]);
});

test("a stale read stays one when it is repeated", async () => {
  const { ledger, consistent } = answering(() => 1);
  await ledger.read(["k0", "k1"], { stale: true });
  expect(consistent).toEqual([false, false]);
});

test("the waits grow while no record comes, and begin anew with one that does", async () => {
  const { ledger, waits } = answering((request) => (request % 4 === 0 ? 1 : 0));
  expect(await ledger.read(["k0", "k1"])).toEqual([{ n: 0 }, { n: 1 }]);
  expect(waits).toEqual([1, 2, 3, 1, 2, 3, 4]);
});

test.for([true, false])("after ten tries without a record the read fails", async (withResponses) => {
  const { ledger, asked, waits } = answering(() => 0, withResponses);
  await expect(ledger.read(["k0", "k1"])).rejects.toThrow("DynamoDB left 2 keys of t unread 10 times");
  expect([asked.length, waits]).toEqual([10, [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
});
