import { expect, test } from "vitest";
import { parseObjectsCreated } from "../../../functions/events/object-created.ts";

function record(key: unknown, more: object = {}): object {
  return {
    eventSource: "aws:s3",
    eventName: "ObjectCreated:Put",
    eventTime: "2026-11-21T15:25:00.000Z",
    s3: { bucket: { name: "shop-data" }, object: { key, size: 3, eTag: "abc", sequencer: "01", ...more } },
  };
}

const keysOf = (...records: readonly object[]): readonly string[] | undefined =>
  parseObjectsCreated({ Records: records })?.map(({ key }) => key);

test.each([
  ["plain.csv", "plain.csv"],
  ["with+spaces+in+it.csv", "with spaces in it.csv"],
  ["with%20spaces.csv", "with spaces.csv"],
  ["a%2Bb%26c%3D%25.csv", "a+b&c=%.csv"],
  ["caf%C3%A9/%E6%97%A5%E6%9C%AC.csv", "café/日本.csv"],
])("the key %s is %s", (encoded, key) => {
  expect(keysOf(record(encoded))).toEqual([key]);
});

test("undecodable keys and incomplete records are left out", () => {
  const halves = [
    { eventSource: "aws:s3", eventName: "ObjectCreated:Put" },
    { ...record("x"), s3: { bucket: {} } },
  ];
  expect(keysOf(record("%E0%A4%A"), ...halves, record("b"))).toEqual(["b"]);
});

test.each([
  ["a S3 record without a bucket", { ...record("x"), s3: { object: { key: "x" } } }],
  ["a S3 record without a key", record(undefined)],
  ["a record of another service", { eventSource: "aws:sqs" }],
  ["null", null],
])("%s is left to the caller's log, and its neighbours are kept", (_, other) => {
  const ignored: unknown[] = [];
  const found = parseObjectsCreated({ Records: [other, record("b")] }, (_reason, one) => ignored.push(one));
  expect(found?.map(({ key }) => key)).toEqual(["b"]);
  expect(ignored).toEqual([other]);
});

const bridged = (detail: unknown, kind = "Object Created"): object => ({
  "detail-type": kind,
  source: "aws.s3",
  time: "2026-11-21T15:25:00Z",
  detail,
});

test("an event of EventBridge is an object, whose key is taken as it is", () => {
  const object = { key: "a+b %20.csv", size: 3, etag: "abc", sequencer: "01", "version-id": "v1" };
  const event = bridged({ bucket: { name: "shop-data" }, object });
  expect(parseObjectsCreated(event)).toEqual([
    {
      bucket: "shop-data",
      key: "a+b %20.csv",
      bytes: 3,
      version: '"abc"',
      event: ["shop-data", "a+b %20.csv", "v1", "abc", "01", "2026-11-21T15:25:00Z"],
    },
  ]);
});

test.each([
  [bridged({ bucket: { name: "shop-data" } }), "it lacks its bucket, or its object"],
  [bridged(null), "it lacks its bucket, or its object"],
  [bridged({}, "Object Tags Added"), "Object Tags Added is not the creation of an object"],
])("%j starts nothing, and is left to the caller's log", (event, reason) => {
  const reasons: string[] = [];
  expect(parseObjectsCreated(event, (why) => reasons.push(why))).toEqual([]);
  expect(reasons).toEqual([reason]);
});

const notified = (message: unknown): object => ({ Type: "Notification", Message: message });

test("a notification of SNS is the event in it", () => {
  const event = { Records: [record("with+space")] };
  expect(parseObjectsCreated(notified(JSON.stringify(event)))).toEqual(parseObjectsCreated(event));
  expect(parseObjectsCreated(notified('{"Event":"s3:TestEvent"}'))).toEqual([]);
});

test.each(["hello", 3, '{"Records":[{"eventSource":"aws:sqs"}]}'])(
  "a notification of SNS with the message %j is no event of S3",
  (message) => {
    expect(parseObjectsCreated(notified(message))).toBeNull();
  },
);

test("only creations count", () => {
  expect(keysOf({ ...record("a"), eventName: "ObjectRemoved:Delete" }, record("b"))).toEqual(["b"]);
});

test("an event identifies one creation of an object, and is the same at each delivery", () => {
  const [first] = parseObjectsCreated({ Records: [record("a")] }) ?? [];
  const [same] = parseObjectsCreated({ Records: [record("a")] }) ?? [];
  const others = [
    record("a", { sequencer: "02" }),
    record("a", { eTag: "def" }),
    record("a", { versionId: "v2" }),
  ];
  expect(first?.event).toEqual(same?.event);
  for (const { event } of parseObjectsCreated({ Records: others }) ?? [])
    expect(event).not.toEqual(first?.event);
});

test("an ETag is compared without its quotes", () => {
  expect(parseObjectsCreated({ Records: [record("a", { eTag: '"abc"' })] })?.[0]?.version).toBe('"abc"');
});

test("a test event has no created objects", () => {
  expect(parseObjectsCreated({ Service: "Amazon S3", Event: "s3:TestEvent" })).toEqual([]);
});

test.each([null, undefined, "hello", 3, {}, { Records: "none" }, { Records: [{ eventSource: "aws:sqs" }] }])(
  "%j is not a notification of S3",
  (body) => {
    expect(parseObjectsCreated(body)).toBeNull();
  },
);
