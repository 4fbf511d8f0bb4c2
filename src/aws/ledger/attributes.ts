/** Ledger records as DynamoDB items, and back. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Fields } from "../../core/records/record.ts";
import type { Json } from "../../core/json.ts";

export type Item = Record<string, AttributeValue>;

/**
 * Attributes that are the table's own and no part of a record: its key, the partition of the index `listed`,
 * and when it expires. Their names count in every record's size (`test/core/tree.test.ts`).
 */
export const KEY = "pk";
export const LISTED = "listed";
export const TTL = "ttl";
const OWN: ReadonlySet<string> = new Set([KEY, LISTED, TTL]);

/**
 * Beyond these DynamoDB has no numbers:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
const LARGEST = 1e125;
const SMALLEST = 1e-129;

/** The name of what holds JSON text, so that it is told from text. */
const JSON_TEXT = "json";

/**
 * Strings, numbers and booleans are native, so that conditions can be asked of them. Everything else is JSON
 * text: users' values may be nested deeper than DynamoDB allows (32 levels), or have empty keys.
 */
export function toAttribute(value: Json): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "number" && isNative(value)) return { N: String(value) };
  return { M: { [JSON_TEXT]: { S: JSON.stringify(value) } } };
}

function isNative(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || (size >= SMALLEST && size <= LARGEST);
}

export function fromAttribute(name: string, value: AttributeValue): Json {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  const text = value.M?.[JSON_TEXT]?.S;
  if (text === undefined) throw new TypeError(`the attribute ${name} was not written by fanjoin`);
  return JSON.parse(text) as Json;
}

export function fromItem(item: Item): Fields {
  const fields: { [name: string]: Json } = {};
  for (const [name, value] of Object.entries(item)) {
    if (!OWN.has(name)) fields[name] = fromAttribute(name, value);
  }
  return fields;
}

/** The key of an item. */
export function keyOf(item: Item): string {
  const key = item[KEY]?.S;
  if (key === undefined) throw new TypeError("an item of the table has no key");
  return key;
}

export function refuseOwn(name: string): void {
  if (OWN.has(name))
    throw new TypeError(`no field of a record may be called ${name}: the table has one of its own`);
}
