import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromAttribute, toAttribute } from "../../../src/aws/ledger/attributes.ts";
import { expressionsOf } from "../../../src/aws/ledger/expression.ts";
import { keyRange } from "../../../src/aws/ledger/key-range.ts";
import { createDynamoLedger } from "../../../src/aws/ledger/ledger.ts";
import { isRepeatable } from "../../../src/aws/ledger/repeatable.ts";
import { create } from "../../../src/core/records/record.ts";
import type { Update } from "../../../src/core/records/record.ts";
import type { Json } from "../../../src/core/json/json.ts";
import { settle } from "../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import { memoryDynamo } from "../../memory/dynamodb.ts";
import type { Charge } from "../../memory/dynamodb.ts";

const NOW = Date.UTC(2026, 0, 1);
const node = { batch: "b", generation: 0, level: 0, index: 0 };

/** `lose` tells for which requests the response is lost. */
function setUp(lose: (request: number) => boolean = () => false) {
  const charges: Charge[] = [];
  const dynamo = memoryDynamo((charge) => charges.push(charge));
  let requests = 0;
  const { requestHandler } = dynamo.client;
  const handler = {
    ...requestHandler,
    async handle(request: Parameters<typeof requestHandler.handle>[0]) {
      const answer = await requestHandler.handle(request);
      if (lose(requests++)) throw Object.assign(new Error("the connection broke"), { code: "ECONNRESET" });
      return answer;
    },
  };
  const client = new DynamoDBClient({ ...dynamo.client, requestHandler: handler });
  const backoff = async (): Promise<void> => undefined;
  const ledger = createDynamoLedger({ client, table: "t", now: () => NOW, retentionDays: 30, backoff });
  return { ledger, items: dynamo.items, charges, requests: () => requests };
}

describe("the DynamoDB ledger", () => {
  test("keeps the expiry and the index's partition out of the record", async () => {
    const { ledger, items } = setUp();
    const { record } = await ledger.update(create("batch/1", { state: "planning" }));
    expect(record).toEqual({ state: "planning" });
    expect(await ledger.read(["batch/1"])).toEqual([{ state: "planning" }]);
    const expires = { N: String(NOW / 1000 + 30 * 86_400) };
    expect(items.get("batch/1")).toEqual({
      pk: { S: "batch/1" },
      state: { S: "planning" },
      listed: { S: "batch" },
      ttl: expires,
    });
    await ledger.update(create("node/1", {}));
    expect(items.get("node/1")).toEqual({ pk: { S: "node/1" }, ttl: expires });
  });

  test("refuses fields with the names of the table's own attributes", async () => {
    const { ledger } = setUp();
    for (const name of ["pk", "ttl", "listed"]) {
      await expect(ledger.update(create("x", { [name]: 1 }))).rejects.toThrow(
        "the table uses that attribute itself",
      );
    }
  });

  test("reads hundreds of keys in pages of a hundred, each key once", async () => {
    const { ledger, charges } = setUp();
    const keys = Array.from({ length: 250 }, (_, n) => `k${n}`);
    for (const key of keys) await ledger.update(create(key, { key }));
    const read = await ledger.read([...keys, ...keys]);
    expect(read.map((fields) => fields?.["key"])).toEqual([...keys, ...keys]);
    expect(
      charges.filter(({ action }) => action === "BatchGetItem").map(({ readUnits }) => readUnits),
    ).toEqual([100, 100, 50]);
    await ledger.read(keys.slice(0, 1), { stale: true });
    expect(charges.at(-1)?.readUnits).toBe(0.5);
  });

  test("a record that is too large for DynamoDB is INPUT_INVALID and not retryable", async () => {
    const { ledger } = setUp();
    const refused = ledger.update(create("batch/1", { input: "x".repeat(400 * 1024) }));
    await expect(refused).rejects.toMatchObject({ code: "INPUT_INVALID", retryable: false });
    await expect(refused).rejects.toThrow("The record batch/1 would exceed the 400 KB");
  });

  test("a settle whose response was lost is repeated, and refused because of its own tag", async () => {
    const { ledger } = setUp((request) => request === 0);
    const answer = await ledger.update(settle(node, [3], "tag", { ...NO_TOTALS, chunks: 1 }));
    expect(answer).toMatchObject({ applied: false, record: { "3": "tag", settled: 1, chunks: 1 } });
  });

  test("an addition without a guarding condition is never repeated: its sender gets an error", async () => {
    const { ledger, requests } = setUp((request) => request === 0);
    const counter: Update = { key: "failures/b", when: [], set: {}, add: { failed: 2 } };
    await expect(ledger.update(counter)).rejects.toThrow(
      "the update of failures/b may or may not have been applied",
    );
    expect(requests()).toBe(1);
    expect(await ledger.read(["failures/b"])).toEqual([{ failed: 2 }]);
  });

  test.for<[Partial<Update>, boolean]>([
    [{ add: {} }, true],
    [{ add: { n: 0 } }, true],
    [{ add: { n: 1 } }, false],
    [{ add: { n: 1 }, when: [{ is: "existing" }] }, false],
    [{ add: { n: 1 }, when: [{ is: "new" }] }, true],
    [{ add: { n: 1 }, when: [{ is: "absent", field: "a" }], set: { a: 1 } }, true],
    [{ add: { n: 1 }, when: [{ is: "absent", field: "sealed" }], set: { a: 1 } }, false],
    [{ add: { n: 1 }, when: [{ is: "equal", field: "a", value: 1 }], remove: ["a"] }, true],
    [{ add: { n: 1 }, when: [{ is: "equal", field: "a", value: 1 }] }, false],
  ])("the update %j may be repeated: %s", ([update, repeatable]) => {
    expect(isRepeatable({ key: "k", when: [], set: {}, add: {}, ...update })).toBe(repeatable);
  });

  test("a list leaves out records that are gone but still indexed, and still fills its pages", async () => {
    const { ledger, items } = setUp();
    for (let n = 0; n < 9; n++) await ledger.update(create(`batch/${n}`, { n, open: "batch" }));
    const client = { gone: ["batch/1", "batch/2"], closed: ["batch/4"] };
    // The index lags behind: it still lists these records.
    const lagging = new Map(items);
    const get = items.get.bind(items);
    items.get = (key) => {
      const item = client.gone.includes(key) ? undefined : get(key);
      if (!item || !client.closed.includes(key)) return item;
      const { open: _open, ...rest } = item;
      return rest;
    };
    expect(lagging.size).toBe(9);
    const numbers = async (limit: number, after: string | null, having?: "open") =>
      (await ledger.list("batch/", after, limit, having ? { having } : {})).map(({ fields }) => fields["n"]);
    expect(await numbers(3, null)).toEqual([0, 3, 4]);
    expect(await numbers(3, null, "open")).toEqual([0, 3, 5]);
    expect(await numbers(9, "batch/5", "open")).toEqual([6, 7, 8]);
  });
});

describe("an attribute", () => {
  test("holds any JSON, however deep and with any keys", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const written = JSON.parse(JSON.stringify(value)) as Json;
        expect(fromAttribute("x", toAttribute(written))).toEqual(written);
      }),
    );
    let deep: Json = { "": [] };
    for (let level = 0; level < 100; level++) deep = [deep];
    expect(fromAttribute("x", toAttribute(deep))).toEqual(deep);
  });

  test.for([0, 1e21, 1e125, 1e126, 1e300, -1e-129, 1e-130, 5e-324, 0.1 + 0.2])(
    "holds the number %s",
    (number) => {
      expect(fromAttribute("x", toAttribute(number))).toBe(number);
    },
  );

  test("that fanjoin did not write is refused", () => {
    expect(() => fromAttribute("x", { L: [] })).toThrow("x was not written by fanjoin");
  });
});

describe("an update's expressions", () => {
  test("use placeholders only, each once", () => {
    const update: Update = {
      key: "k",
      when: [
        { is: "absent", field: "sealed" },
        { is: "absent", field: "0" },
        { is: "absent-or-above", field: "expects", value: 0 },
        { is: "equal", field: "state", value: "open" },
      ],
      set: { 0: "tag", 1: "tag" },
      add: { settled: 0, count: 2 },
      remove: ["state"],
    };
    expect(expressionsOf(update, { ttl: { N: "9" } })).toEqual({
      ConditionExpression:
        "attribute_not_exists(#0) AND attribute_not_exists(#1) AND (attribute_not_exists(#2) OR #2 > :0) AND #3 = :1",
      UpdateExpression: "SET #1 = :2, #4 = :2, #5 = :3 ADD #6 :0, #7 :4 REMOVE #3",
      ExpressionAttributeNames: {
        "#0": "sealed",
        "#1": "0",
        "#2": "expects",
        "#3": "state",
        "#4": "1",
        "#5": "ttl",
        "#6": "settled",
        "#7": "count",
      },
      ExpressionAttributeValues: {
        ":0": { N: "0" },
        ":1": { S: "open" },
        ":2": { S: "tag" },
        ":3": { N: "9" },
        ":4": { N: "2" },
      },
    });
  });
});

describe("the range of a list", () => {
  const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const key = fc.string({
    unit: fc.constantFrom("a", "b", "/", "\uD7FF", "\uE000", "\uFFFF", "\u{10000}", "\u{10FFFF}"),
    minLength: 1,
    maxLength: 4,
  });

  test("contains every key with the prefix that comes after, and its bounds are in order", () => {
    fc.assert(
      fc.property(key, fc.option(key), fc.boolean(), fc.array(key), (rest, after, descending, keys) => {
        const prefix = `a${rest}`;
        const range = keyRange(prefix, after, descending);
        const wanted = [
          ...keys,
          ...keys.map((one) => prefix + one),
          prefix,
          `${prefix}\u{10FFFF}`,
          `${prefix}a`,
        ].filter((one) => {
          const side = after === null ? 1 : byBytes(one, after) * (descending ? -1 : 1);
          return one.startsWith(prefix) && side > 0;
        });
        const holds = (one: string): boolean =>
          range !== null && byBytes(range.from, one) <= 0 && byBytes(one, range.to) <= 0;
        expect(wanted.filter((one) => !holds(one))).toEqual([]);
        expect(range === null || byBytes(range.from, range.to) <= 0).toBe(true);
      }),
    );
  });
});
