/** Events as AWS sends them: the samples in `events/`, and SQS events of given messages. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Message } from "../../../src/core/records/message.ts";

/** Reads `events/<name>.json`. */
export function readSample(name: string): unknown {
  const path = fileURLToPath(new URL(`../../../events/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, "utf8"));
}

export function sample(name: string): SQSEvent {
  return readSample(name) as SQSEvent;
}

export function recordOf(messageId: string, body: string, receives = 1): SQSRecord {
  return {
    messageId,
    receiptHandle: "AQEB",
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: "1763740800123",
      SenderId: "AIDA",
      ApproximateFirstReceiveTimestamp: "1763740800187",
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:shop",
    awsRegion: "us-east-1",
  };
}

export function eventOf(...messages: readonly Message[]): SQSEvent {
  return { Records: messages.map((message, place) => recordOf(`m${place}`, JSON.stringify(message))) };
}

export function failuresOf(answer: SQSBatchResponse): ReadonlySet<string> {
  return new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
