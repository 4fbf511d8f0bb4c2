/** Ledger records as DynamoDB items, and back. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Fields } from "../../core/records/record.ts";
import type { Json } from "../../core/json/json.ts";

export type Item = Record<string, AttributeValue>;

/**
 * Attributes that belong to the table and not to the record: the key, the partition of the index `listed`,
 * and the time of expiry. Their names count towards the size of every record
 * (`test/core/records/tree.test.ts`).
 */
export const KEY = "pk";
export const LISTED = "listed";
export const TTL = "ttl";
const OWN: ReadonlySet<string> = new Set([KEY, LISTED, TTL]);

/**
 * The range of DynamoDB's numbers:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
const LARGEST = 1e125;
const SMALLEST = 1e-129;

/** The key of a map that holds JSON text. It distinguishes JSON text from a plain string. */
const JSON_TEXT = "json";

/**
 * Strings, numbers and booleans are stored natively, so that conditions can compare them. Everything else is
 * stored as JSON text: users' values may be nested deeper than DynamoDB's 32 levels, or have empty keys.
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

/** The inverse of `toAttribute`. Throws a `TypeError` for an attribute that fanjoin did not write. */
export function fromAttribute(name: string, value: AttributeValue): Json {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  const text = value.M?.[JSON_TEXT]?.S;
  if (text === undefined) throw new TypeError(`the attribute ${name} was not written by fanjoin`);
  return JSON.parse(text) as Json;
}

/** A record's fields, without the table's own attributes. */
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
  if (key === undefined) throw new TypeError(`the item has no key ${KEY}`);
  return key;
}

/** Throws a `TypeError` if a record's field has the name of an attribute of the table. */
export function checkFieldName(name: string): void {
  if (OWN.has(name))
    throw new TypeError(`a record may not have a field ${name}: the table uses that attribute itself`);
}
