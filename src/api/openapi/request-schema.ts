/** The JSON Schema of the request that starts a batch of one job. */
import type { DescribedJob, JsonSchema } from "../../job/describe-job.ts";
import { SCHEMAS } from "./schemas.ts";

/**
 * The body of `POST /jobs/{job}/batches`, with the job's own schemas of items and params where their library
 * can write them. It is a document of its own: it refers to nothing outside of it.
 */
export function requestSchema({ name, input, schemas }: DescribedJob): JsonSchema {
  const { properties } = SCHEMAS["NewBatch"] as {
    readonly properties: { readonly [field: string]: JsonSchema };
  };
  const { input: _input, params, ...others } = properties;
  const own = input.own !== undefined;
  const item = schemas?.item ?? {};
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      ...(own ? {} : { input: inputSchema(input.kind === "files", embedded(name, "item", item)) }),
      params: schemas?.params ? embedded(name, "params", schemas.params) : (params ?? {}),
      ...others,
    },
    ...(own ? {} : { required: ["input"] }),
    additionalProperties: false,
  };
}

/** The forms of `Input`. Items cannot be files. */
function inputSchema(isFiles: boolean, item: JsonSchema): JsonSchema {
  const { description, oneOf } = SCHEMAS["Input"] as {
    readonly description: string;
    readonly oneOf: readonly JsonSchema[];
  };
  const [items, ...objects] = oneOf;
  const ofItems = { ...items, properties: { items: { type: "array", items: item } } };
  return { description, oneOf: isFiles ? objects : [ofItems, ...objects] };
}

/** With an id of its own, so that references in it are to its own parts. */
function embedded(job: string, part: string, { $schema: _dialect, ...schema }: JsonSchema): JsonSchema {
  const refers = JSON.stringify(schema).includes('"$ref"');
  return refers && !("$id" in schema) ? { $id: `urn:fanjoin:${job}:${part}`, ...schema } : schema;
}
