/** The parts that schemas of the API are made of. */
import { ERROR_CODES } from "../../core/errors/errors.ts";
import type { JsonSchema } from "../../job/describe-job.ts";

export const COUNT = { type: "integer", minimum: 0 };
export const TEXT = { type: "string" };
export const TIME = { type: "string", format: "date-time" };
export const UNIT = { enum: ["bytes", "items", "files"] };
export const CODE = { enum: Object.keys(ERROR_CODES) };

export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object with these fields and no others. A name that ends in `?` is an optional field. */
export function record(fields: { readonly [name: string]: JsonSchema }, more: JsonSchema = {}): JsonSchema {
  const named = Object.entries(fields).map(([name, schema]) => [name.replace(/\?$/, ""), schema] as const);
  const required = Object.keys(fields).filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    properties: Object.fromEntries(named),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...more,
  };
}

export function orNull(schema: JsonSchema): JsonSchema {
  return { oneOf: [schema, { type: "null" }] };
}
