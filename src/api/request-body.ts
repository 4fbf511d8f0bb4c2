/** Parses the bodies of requests. */
import { parseJson } from "../core/json/strict-json.ts";
import { reasonOf } from "../core/errors/errors.ts";
import { isObject } from "../core/json/json.ts";
import type { Json, JsonObject } from "../core/json/json.ts";
import { show } from "../option-check.ts";
import type { ApiRequest } from "./http.ts";
import { RequestError, badRequest } from "./problem.ts";

/**
 * A Lambda event has at most 6 MB, and contains the body as an escaped string:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

const JSON_MEDIA = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i;

/**
 * The JSON object in the body; an empty one if there is no body. `names` are its allowed fields. Throws
 * `REQUEST_INVALID`, `REQUEST_TOO_LARGE`.
 */
export function bodyOf({ body, headers }: ApiRequest, names: readonly string[]): JsonObject {
  const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  if (bytes > MAX_BODY_BYTES) {
    throw new RequestError(
      413,
      "REQUEST_TOO_LARGE",
      `the body has ${bytes} bytes, more than ${MAX_BODY_BYTES}: upload the input (POST /jobs/{job}/uploads), and give its URL as input.object`,
    );
  }
  if (bytes === 0) return {};
  const type = headers["content-type"] ?? "";
  if (!JSON_MEDIA.test(type)) {
    throw new RequestError(
      415,
      "REQUEST_INVALID",
      `the body must be JSON with content-type application/json, but its content-type is ${JSON.stringify(type)}`,
      { accept: "application/json" },
    );
  }
  return fieldsOf(parsed(decoded(body)), "the body", names);
}

/** A byte that is not UTF-8 is refused: it would become another character, in another item. */
function decoded(body: string | Uint8Array): string {
  if (typeof body === "string") return body;
  try {
    return UTF_8.decode(body);
  } catch {
    throw badRequest("the body is not UTF-8: JSON has to be sent as UTF-8");
  }
}

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parsed(body: string): Json {
  if (depthOf(body) > MAX_DEPTH) throw badRequest(`the body is nested more than ${MAX_DEPTH} levels deep`);
  try {
    return parseJson(body);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${reasonOf(error)}`);
  }
}

/** `JSON.stringify` is recursive: unlimited nesting would overflow its stack. */
const MAX_DEPTH = 200;

/** The nesting depth of arrays and objects. If the text is not JSON, the number has no meaning. */
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

/** Throws for other fields than `names`: a misspelled one would be ignored silently. */
export function fieldsOf(value: Json | undefined, where: string, names: readonly string[]): JsonObject {
  if (!isObject(value)) throw badRequest(`${where} must be a JSON object, but is ${shown(value)}`);
  for (const name of Object.keys(value)) {
    if (!names.includes(name))
      throw badRequest(
        `${where} has an unknown field ${shown(name)}${names.length > 0 ? `: its fields are ${names.join(", ")}` : ": it has no fields"}`,
      );
  }
  return value;
}

/** `null` if the field is missing. */
export function textIn(object: JsonObject, name: string): string | null {
  const value = object[name];
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw badRequest(`${name} must be a string, but is ${shown(value)}`);
}

/** `null` if the field is missing. `where` is its name in messages. */
export function countIn(object: JsonObject, name: string, where: string): number | null {
  const value = object[name];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw badRequest(`${where} must be a whole number of at least 1, but is ${shown(value)}`);
}

/** `null` if the field is missing. */
export function textsIn(object: JsonObject, name: string): readonly string[] | null {
  const value = object[name];
  if (value === undefined || value === null) return null;
  if (Array.isArray(value) && value.every((text) => typeof text === "string")) return value;
  throw badRequest(`${name} must be a list of strings, but is ${shown(value)}`);
}

/** A value of a request, as messages quote it. */
export function shown(value: Json | undefined): string {
  return value === undefined ? "missing" : show(value);
}
