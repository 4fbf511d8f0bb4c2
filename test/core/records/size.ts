import type { Fields } from "../../../src/core/records/record.ts";

/**
 * A record's size as DynamoDB counts it for write units: names and values in UTF-8, a number as a byte for
 * two digits and one more; with the attributes that the table itself needs (`src/aws/attributes.ts`): the key
 * and the second in which the record expires.
 */
export function sizeInDynamoDB(key: string, fields: Fields): number {
  let bytes = 0;
  for (const [name, value] of Object.entries({ ...fields, pk: key, ttl: 9_999_999_999 })) {
    bytes += Buffer.byteLength(name);
    if (typeof value === "string") bytes += Buffer.byteLength(value);
    else if (typeof value === "number") bytes += Math.ceil(String(value).length / 2) + 1;
    else if (typeof value === "boolean" || value === null) bytes += 1;
    else throw new TypeError(`a list or map is counted otherwise: ${name}`);
  }
  return bytes;
}
