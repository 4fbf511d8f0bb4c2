/** What is in the body of a request, parsed where it enters. */
import { reasonOf } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { show } from "../option-check.ts";
import type { ApiRequest } from "./http.ts";
import { RequestError, badRequest } from "./problem.ts";

/**
 * Lambda takes events of 6 MB, and the body stands escaped in one:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

const JSON_MEDIA = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i;

/**
 * The object in the body; an empty one if there is no body. Throws `REQUEST_INVALID`, `REQUEST_TOO_LARGE`.
 */
export function bodyOf({ body, headers }: ApiRequest, names: readonly string[]): JsonObject {
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES) {
    throw new RequestError(
      413,
      "REQUEST_TOO_LARGE",
      `the body has ${bytes} bytes, more than ${MAX_BODY_BYTES}: upload the input (POST /jobs/{job}/uploads) and name it as object`,
    );
  }
  if (body === "") return {};
  const type = headers["content-type"] ?? "";
  if (!JSON_MEDIA.test(type)) {
    throw new RequestError(
      415,
      "REQUEST_INVALID",
      `the body has to be JSON, with content-type: application/json, not ${JSON.stringify(type)}`,
      { accept: "application/json" },
    );
  }
  return fieldsOf(parsed(body), "the body", names);
}

function parsed(body: string): Json {
  if (depthOf(body) > MAX_DEPTH) throw badRequest(`the body is nested more than ${MAX_DEPTH} levels deep`);
  try {
    return JSON.parse(body) as Json;
  } catch (error) {
    throw badRequest(`the body is not JSON: ${reasonOf(error)}`);
  }
}

/** JSON is written by recursion: what is nested without a bound ends the stack of whoever writes it. */
const MAX_DEPTH = 200;

/** How deep arrays and objects lie in each other; of text that is no JSON any number. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let place = 0; place < text.length; place++) {
    const char = text[place];
    if (char === '"') quoted = !quoted;
    else if (quoted && char === "\\") place++;
    else if (!quoted && (char === "[" || char === "{")) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (char === "]" || char === "}")) depth--;
  }
  return deepest;
}

/** An object with no other names than these: one that was misspelled would be lost in silence. */
export function fieldsOf(value: Json | undefined, where: string, names: readonly string[]): JsonObject {
  if (!isObject(value)) throw badRequest(`${where} has to be a JSON object, but is ${shown(value)}`);
  for (const name of Object.keys(value)) {
    if (!names.includes(name))
      throw badRequest(`${where} has no field ${shown(name)}; it has ${names.join(", ")}`);
  }
  return value;
}

export function textIn(given: JsonObject, name: string): string | null {
  const value = given[name];
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw badRequest(`${name} has to be a string, but is ${shown(value)}`);
}

/** `null` if it was left out. */
export function countIn(given: JsonObject, name: string, where: string): number | null {
  const value = given[name];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw badRequest(`${where} has to be a whole number of at least 1, but is ${shown(value)}`);
}

export function textsIn(given: JsonObject, name: string): readonly string[] | null {
  const value = given[name];
  if (value === undefined || value === null) return null;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw badRequest(`${name} has to be a list of strings, but is ${shown(value)}`);
}

/** A value of a request in an error message. */
export function shown(value: Json | undefined): string {
  return value === undefined ? "missing" : show(value);
}
