/** Least privilege: the complete list of what each function may do. */
import { ulid } from "ulid";
import { describe, expect, test } from "vitest";
import { ATTEMPTS, newObjectName } from "../../src/aws/store/object-name.ts";
import { fanjoinWith, privilegesOf, templateOf } from "./synth.ts";

const privileges = privilegesOf(templateOf(fanjoinWith(() => ({ readableBuckets: ["others-data"] }))));

const log = (name: string): string[] => [`logs:CreateLogStream ${name}Log`, `logs:PutLogEvents ${name}Log`];
const ledger = ["dynamodb:BatchGetItem Table", "dynamodb:UpdateItem Table"];
const lists = ["dynamodb:Query Table/index/listed", "dynamodb:Query Table/index/open"];
const readable = [
  "s3:GetObject arn:AWS::Partition:s3:::others-data/*",
  "s3:ListBucket arn:AWS::Partition:s3:::others-data",
];

function consume(queue: string): string[] {
  const actions = [
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ReceiveMessage",
  ];
  return actions.map((action) => `sqs:${action} ${queue}`);
}
const send = (...queues: string[]): string[] => queues.map((queue) => `sqs:SendMessage ${queue}`);
const bus = "arn:AWS::Partition:events:AWS::Region:AWS::AccountId:event-bus/default";
/** The event of the end of a batch, and no other. */
const events = [
  `events:PutEvents ${bus} if events:source StringEquals fanjoin and events:detail-type StringEquals Batch ended`,
];
const invoke = (...names: string[]): string[] => names.map((name) => `lambda:InvokeFunction ${name}`);

/** Folders of inputs may be listed. Of the others only objects whose random names are known. */
const LISTED = new Map([
  ["attempts", `attempts/${"?".repeat(16)}/?*`],
  ["batches", `batches/${"?".repeat(26)}/?*`],
]);

function read(...folders: string[]): string[] {
  const listed = folders.map((folder) => LISTED.get(folder) ?? `${folder}/*`);
  return [
    `s3:ListBucket Bucket if s3:prefix StringLike ${listed.join(", ")}`,
    ...folders.map((folder) => `s3:GetObject Bucket/${folder}/*`),
  ];
}
function write(...folders: string[]): string[] {
  return folders.flatMap((folder) => [
    `s3:AbortMultipartUpload Bucket/${folder}/*`,
    `s3:PutObject Bucket/${folder}/*`,
  ]);
}

const EXPECTED: { readonly [name: string]: readonly string[] } = {
  Api: [
    ...log("Api"),
    ...ledger,
    ...lists,
    ...readable,
    ...read("uploads", "inputs", "attempts", "batches"),
    ...write("uploads", "inputs", "batches"),
    ...send("CoordinatorQueue"),
    ...invoke("wordcountWorker", "primesWorker"),
  ],
  Coordinator: [
    ...log("Coordinator"),
    ...ledger,
    ...readable,
    ...read("uploads", "inputs", "attempts", "batches"),
    ...write("attempts", "batches"),
    ...consume("CoordinatorQueue"),
    ...send("CoordinatorQueue", "wordcountWorkerQueue", "wordcountJoinQueue", "primesJoinQueue"),
    ...invoke("wordcountWorker", "primesWorker"),
  ],
  DeadLetter: [
    ...log("DeadLetter"),
    ...ledger,
    ...write("attempts"),
    ...consume("DeadLetters"),
    ...send("CoordinatorQueue", "wordcountWorkerQueue", "wordcountJoinQueue", "primesJoinQueue"),
    ...invoke("primesWorker"),
  ],
  Sweeper: [
    ...log("Sweeper"),
    ...ledger,
    ...lists,
    // The objects of batches that were removed.
    "s3:DeleteObject Bucket/batches/*",
    `s3:ListBucket Bucket if s3:prefix StringLike batches/${"?".repeat(26)}/`,
    ...send("CoordinatorQueue", "wordcountWorkerQueue", "wordcountJoinQueue", "primesJoinQueue"),
    ...invoke("primesWorker"),
  ],
  wordcountWorker: [
    ...log("wordcountWorker"),
    ...ledger,
    ...readable,
    ...read("uploads", "inputs", "attempts", "batches"),
    ...write("attempts"),
    ...consume("wordcountWorkerQueue"),
    ...send("CoordinatorQueue", "wordcountWorkerQueue", "wordcountJoinQueue"),
  ],
  wordcountJoin: [
    ...log("wordcountJoin"),
    ...ledger,
    ...readable,
    ...read("uploads", "inputs", "attempts", "batches"),
    ...write("attempts", "batches"),
    ...consume("wordcountJoinQueue"),
    ...send("CoordinatorQueue", "wordcountWorkerQueue", "wordcountJoinQueue"),
    ...events,
  ],
  primesWorker: [
    ...log("primesWorker"),
    ...ledger,
    ...readable,
    ...read("uploads", "inputs", "attempts", "batches"),
    ...write("attempts"),
    ...send("CoordinatorQueue", "primesJoinQueue", "DeadLetters"),
    // Lambda reads the attributes of a destination before it sends to it.
    "sqs:GetQueueAttributes DeadLetters",
    "sqs:GetQueueUrl DeadLetters",
    ...invoke("arn:AWS::Partition:lambda:AWS::Region:AWS::AccountId:function:shop-primes-worker"),
  ],
  primesJoin: [
    ...log("primesJoin"),
    ...ledger,
    ...readable,
    ...read("uploads", "inputs", "attempts", "batches"),
    ...write("attempts", "batches"),
    ...consume("primesJoinQueue"),
    ...send("CoordinatorQueue", "primesJoinQueue"),
    ...invoke("primesWorker"),
    ...events,
  ],
};

test.for(Object.entries(EXPECTED))("%s has exactly the expected permissions", ([name, expected]) => {
  expect(privileges.get(name)).toEqual(expected.toSorted());
});

describe("S3 tells a function that an object is missing, not forbidden,", () => {
  /** A pattern of IAM as a regular expression. */
  const matches = (pattern: string, text: string): boolean =>
    new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text);
  const [attempts = "", batches = ""] = LISTED.values();

  test("for the names of fanjoin's own objects", () => {
    expect(matches(attempts, `${ATTEMPTS}/${newObjectName()}/values`)).toBe(true);
    expect(matches(batches, `batches/${ulid()}/result.json`)).toBe(true);
  });

  test("but for no beginning of a name that one could guess", () => {
    for (const prefix of ["", "attempts/", "attempts/A", `attempts/${newObjectName()}/`, "batches/01K/"]) {
      expect([attempts, batches].some((pattern) => matches(pattern, prefix))).toBe(false);
    }
  });
});

test("there are no other roles", () => {
  expect([...privileges.keys()].toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
});

test("no permission is for all actions or for all resources", () => {
  const lines = [...privileges.values()].flat();
  expect(lines.filter((line) => /^\S*\*|\s\*$/.test(line))).toEqual([]);
});
