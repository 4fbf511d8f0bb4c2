/**
 * Parses S3's notifications of created objects:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { isObject } from "../../src/core/json.ts";
import type { UnknownObject } from "../../src/core/json.ts";
import type { ObjectCreated } from "../../src/steps/uploads.ts";

/**
 * The created objects in a notification; `null` if `body` is not a notification of S3. Test events and other
 * kinds of events have none.
 */
export function parseObjectsCreated(body: unknown): readonly ObjectCreated[] | null {
  if (!isObject(body)) return null;
  if (body["Event"] === "s3:TestEvent") return [];
  const records = body["Records"];
  if (!Array.isArray(records) || !records.every(isS3Record)) return null;
  return records.flatMap((record) => parseRecord(record) ?? []);
}

function isS3Record(record: unknown): record is UnknownObject {
  return isObject(record) && record["eventSource"] === "aws:s3";
}

function parseRecord({ eventName, eventTime, s3 }: UnknownObject): ObjectCreated | null {
  if (!String(eventName).startsWith("ObjectCreated:") || !isObject(s3)) return null;
  const { bucket, object } = s3;
  if (!isObject(bucket) || !isObject(object)) return null;
  const key = decodeKey(String(object["key"]));
  const etag = unquoted(text(object["eTag"]));
  if (typeof bucket["name"] !== "string" || key === null) return null;
  return {
    bucket: bucket["name"],
    key,
    bytes: Number(object["size"] ?? 0),
    version: `"${etag}"`,
    event: [bucket["name"], key, text(object["versionId"]), etag, text(object["sequencer"]), text(eventTime)],
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
