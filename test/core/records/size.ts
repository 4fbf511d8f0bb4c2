import type { Fields } from "../../../src/core/records/record.ts";

/**
 * A record's size in bytes, as DynamoDB counts it for write units. Names and values count in UTF-8; a number
 * counts one byte for two digits, and one more. The size includes the table's own attributes
 * (`src/aws/ledger/attributes.ts`): the key, and the second in which the record expires.
 */
export function sizeInDynamoDB(key: string, fields: Fields): number {
  let bytes = 0;
  for (const [name, value] of Object.entries({ ...fields, pk: key, ttl: 9_999_999_999 })) {
    bytes += Buffer.byteLength(name);
    if (typeof value === "string") bytes += Buffer.byteLength(value);
    else if (typeof value === "number") bytes += Math.ceil(String(value).length / 2) + 1;
    else if (typeof value === "boolean" || value === null) bytes += 1;
    else throw new TypeError(`the size of a list or map is not known here: ${name}`);
  }
  return bytes;
}
