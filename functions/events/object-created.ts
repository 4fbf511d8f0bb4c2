/**
 * Parses the events of created objects: S3's notifications, also wrapped by SNS, and EventBridge's events.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
import { isObject } from "../../src/core/json/json.ts";
import type { UnknownObject } from "../../src/core/json/json.ts";
import { jsonOrNull } from "../../src/core/json/shape.ts";
import type { ObjectCreated } from "../../src/steps/uploads.ts";

/** Receives each record that announces no created object, with the reason. */
export type OnIgnored = (reason: string, record: unknown) => void;

/**
 * The created objects in the body of a message; `null` if the body is no event of S3. A test event has none.
 * Records that cannot be understood, and those of other kinds of events, are left to `onIgnored`.
 */
export function parseObjectsCreated(
  body: unknown,
  onIgnored: OnIgnored = () => undefined,
): readonly ObjectCreated[] | null {
  const event = unwrapped(body);
  if (!isObject(event)) return null;
  if (event["Event"] === "s3:TestEvent") return [];
  if (event["source"] === "aws.s3" && "detail-type" in event)
    return found([event], parseBridgeEvent, onIgnored);
  const records: unknown = event["Records"];
  if (!Array.isArray(records)) return null;
  // Records of S3 only ever come with others of S3. A body without any is a message of somebody else.
  if (records.length > 0 && !records.some(isS3Record)) return null;
  return found(records, parseRecord, onIgnored);
}

/**
 * The event in a notification of SNS. With raw message delivery the body is the event itself:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
 */
function unwrapped(body: unknown): unknown {
  if (!isObject(body) || body["Type"] !== "Notification") return body;
  const { Message: message } = body;
  return typeof message === "string" ? jsonOrNull(message) : body;
}

/** A string says why the record announces no created object. */
type Parse = (record: UnknownObject) => ObjectCreated | string;

function found(records: readonly unknown[], parse: Parse, onIgnored: OnIgnored): ObjectCreated[] {
  return records.flatMap((record) => {
    const object = isObject(record) ? parse(record) : "it is not an object";
    if (typeof object !== "string") return [object];
    onIgnored(object, record);
    return [];
  });
}

function isS3Record(record: unknown): record is UnknownObject {
  return isObject(record) && record["eventSource"] === "aws:s3";
}

function parseRecord(record: UnknownObject): ObjectCreated | string {
  const { eventName, eventTime, s3 } = record;
  if (!isS3Record(record)) return "it is not an event of S3";
  if (!String(eventName).startsWith("ObjectCreated:"))
    return `${String(eventName)} is not the creation of an object`;
  if (!isObject(s3)) return INCOMPLETE;
  const { bucket, object } = s3;
  if (!isObject(bucket) || !isObject(object)) return INCOMPLETE;
  const key = decodeKey(text(object["key"]));
  if (key === null) return `the key ${JSON.stringify(object["key"])} is not encoded as S3 encodes keys`;
  const { size, eTag: etag, versionId: version, sequencer } = object;
  return created({ bucket: bucket["name"], key, size, etag, version, sequencer, time: eventTime });
}

function parseBridgeEvent({ "detail-type": kind, detail, time }: UnknownObject): ObjectCreated | string {
  if (kind !== "Object Created") return `${String(kind)} is not the creation of an object`;
  if (!isObject(detail)) return INCOMPLETE;
  const { bucket, object } = detail;
  if (!isObject(bucket) || !isObject(object)) return INCOMPLETE;
  // Here keys are not encoded: a `+` or `%20` is part of the name.
  const { key, size, etag, "version-id": version, sequencer } = object;
  return created({ bucket: bucket["name"], key, size, etag, version, sequencer, time });
}

const INCOMPLETE = "it lacks its bucket, or its object";

function created(fields: UnknownObject): ObjectCreated | string {
  const { bucket, key, size, version, sequencer, time } = fields;
  if (typeof bucket !== "string" || typeof key !== "string" || key === "") return INCOMPLETE;
  const etag = unquoted(text(fields["etag"]));
  return {
    bucket,
    key,
    bytes: Number(size ?? 0),
    version: `"${etag}"`,
    // The time, too: LocalStack gives each event the same sequencer.
    event: [bucket, key, text(version), etag, text(sequencer), text(time)],
  };
}

/**
 * S3 writes the ETag without quotes here, and with quotes in HTTP headers, where the store's versions come
 * from.
 */
function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, "$1");
}

/** Keys are encoded like the values of an HTML form; `null` if this one is not. */
function decodeKey(key: string): string | null {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
