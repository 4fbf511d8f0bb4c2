/** The parts of operations: answers, and parameters of the query. */
import type { Json } from "../../core/json/json.ts";
import type { JsonSchema } from "../../job/describe-job.ts";
import { JSON_TYPE, URL_LIST_TYPE } from "../http.ts";
import { ref } from "./schema-parts.ts";

export type Described = { readonly [name: string]: Json };

export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly query?: readonly Described[];
  /** Headers that it takes besides those of any request. */
  readonly headers?: readonly Described[];
  /** The schema of the body, by name. */
  readonly body?: { readonly schema: string; readonly optional: boolean };
  readonly answers: { readonly [status: number]: Described };
  /** The statuses of its error answers, besides 500. */
  readonly problems: readonly number[];
}

export interface Methods {
  readonly get?: Operation;
  readonly post?: Operation;
  readonly patch?: Operation;
  readonly delete?: Operation;
}

export const LOCATION_HEADER = {
  description: "The URL of the batch.",
  schema: { type: "string", format: "uri" },
};
const LOCATION: Described = { location: LOCATION_HEADER };

/** The operations by path. */
export type Operations = { readonly [path: string]: Methods };

export function content(
  description: string,
  type: string,
  schema: JsonSchema,
  headers: Described = {},
): Described {
  return { description, headers, content: { [type]: { schema } } };
}

export function batch(description: string): Described {
  return content(description, JSON_TYPE, ref("Batch"), LOCATION);
}

const REDIRECT: Described = {
  description: "The file is large: get it from the URL in location, without credentials.",
  headers: { location: { schema: { type: "string", format: "uri" } } },
};

/** A large file is a redirect, or its URL. */
export function fileAnswers(
  description: string,
  type: string,
  schema: JsonSchema,
  headers: Described = {},
): Operation["answers"] {
  const url = { type: "string", description: "The URL of a large file, if the request accepts this type." };
  const both = { [type]: { schema }, [URL_LIST_TYPE]: { schema: url } };
  return { 200: { description, headers, content: both }, 303: REDIRECT };
}

export function header(name: string, description: string, schema: JsonSchema): Described {
  return { name, in: "header", description, schema };
}

export function filter(name: string, description: string, schema: JsonSchema): Described {
  return { name, in: "query", description, schema };
}
