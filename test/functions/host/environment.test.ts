import { expect, test } from "vitest";
import { readEnvironment } from "../../../functions/host/environment.ts";

const FULL = {
  FANJOIN_NAME: "shop",
  FANJOIN_TABLE: "shop-table",
  FANJOIN_BUCKET: "shop-data",
  FANJOIN_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/1/shop-coordinator",
  FANJOIN_JOBS: '{"sales":"sqs","mails":"invoke"}',
};

test("all missing variables are reported together", () => {
  expect(() => readEnvironment({ FANJOIN_NAME: "shop", FANJOIN_BUCKET: "" })).toThrow(
    "FANJOIN_TABLE is missing, FANJOIN_BUCKET is missing, FANJOIN_QUEUE_URL is missing, FANJOIN_JOBS is missing",
  );
});

test("an invalid variable is reported with its value", () => {
  expect(() => readEnvironment({ ...FULL, FANJOIN_RETENTION_DAYS: "long" })).toThrow(
    "FANJOIN_RETENTION_DAYS is not a positive number: long",
  );
});

test("a function of the stack knows all jobs and their transports", () => {
  const { jobs, job, retentionDays, readable } = readEnvironment(FULL);
  expect([...jobs]).toEqual([
    ["sales", "sqs"],
    ["mails", "invoke"],
  ]);
  expect({ job, retentionDays, readable }).toEqual({
    job: null,
    retentionDays: 30,
    readable: [],
  });
});

test("a function of one job knows only that job", () => {
  const { FANJOIN_JOBS: _jobs, ...rest } = FULL;
  const env = { ...rest, FANJOIN_JOB: "mails", FANJOIN_TRANSPORT: "invoke", FANJOIN_READABLE_BUCKETS: "a,b" };
  const { jobs, job, readable } = readEnvironment(env);
  expect([job, [...jobs], readable]).toEqual(["mails", [["mails", "invoke"]], ["a", "b"]]);
});

test("the origins of pages are a list; without the variable there are none", () => {
  const env = { ...FULL, FANJOIN_API_ORIGINS: "https://a.example,https://b.example" };
  expect(readEnvironment(env).apiOrigins).toEqual(["https://a.example", "https://b.example"]);
  expect(readEnvironment(FULL).apiOrigins).toEqual([]);
});
