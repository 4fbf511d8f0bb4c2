/** JSON Schemas as fields and hints in words. Pure. */
import { isObject } from "../../core/json/json.ts";
import type { Json, JsonObject } from "../../core/json/json.ts";
import { count } from "../../format.ts";

export type FieldKind = "text" | "number" | "checkbox" | "select" | "json";

export interface FormField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  /** The value before anybody types; `null`: none. */
  readonly preset: Json;
  readonly options: readonly Json[];
  /** `A URL. Required.` */
  readonly hint: string;
}

/** `null`: the schema has no properties that fields could stand for, so its value is written as JSON. */
export function fieldsOf(schema: Json): readonly FormField[] | null {
  if (!isObject(schema) || !isObject(schema["properties"])) return null;
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(schema["properties"]).map(([name, property]) =>
    fieldOf(name, isObject(property) ? property : {}, required.includes(name)),
  );
}

function fieldOf(name: string, property: JsonObject, required: boolean): FormField {
  const options = Array.isArray(property["enum"]) ? (property["enum"] as readonly Json[]) : [];
  const preset = property["default"] ?? null;
  const hint = sentence([descriptionOf(property), ruleText(property)]);
  const need = required && preset === null ? "Required." : "";
  return { name, kind: kindOf(property, options), required, preset, options, hint: `${hint} ${need}`.trim() };
}

function kindOf({ type }: JsonObject, options: readonly Json[]): FieldKind {
  if (options.length > 0) return "select";
  if (type === "string") return "text";
  if (type === "number" || type === "integer") return "number";
  return type === "boolean" ? "checkbox" : "json";
}

function descriptionOf({ description, title }: JsonObject): string {
  return typeof description === "string" ? description : typeof title === "string" ? title : "";
}

function sentence(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== "")
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}${/[.!?]$/.test(part) ? "" : "."}`)
    .join(" ");
}

const FORMATS: { readonly [format: string]: string } = {
  uri: "a URL",
  url: "a URL",
  email: "an e-mail address",
  date: "a date, such as 2026-11-29",
  "date-time": "a time, such as 2026-11-29T11:32:07Z",
  uuid: "a UUID",
};

const TYPES: { readonly [type: string]: string } = {
  string: "text",
  number: "number",
  integer: "whole number",
  boolean: "yes or no",
  array: "list",
  object: "object",
  null: "null",
};

/** `text`, `whole number`. */
export function typeText(schema: Json): string {
  if (!isObject(schema)) return "anything";
  const { type, anyOf, oneOf } = schema;
  const types = Array.isArray(type) ? type : [type];
  const named = types.flatMap((one) => (typeof one === "string" ? [TYPES[one] ?? one] : []));
  if (named.length > 0) return named.join(" or ");
  const variants = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : [];
  if (variants.length > 0) return [...new Set(variants.map(typeText))].join(" or ");
  if (Array.isArray(schema["enum"])) return "one of";
  return "const" in schema ? "always" : "anything";
}

/** `at least 1 character`, `matches ^[A-Z]{2}$`, `1 to 5`. */
export function ruleText(schema: Json): string {
  if (!isObject(schema)) return "";
  const { minLength, maxLength, pattern, format, minimum, maximum, exclusiveMinimum, exclusiveMaximum } =
    schema;
  const options = Array.isArray(schema["enum"])
    ? (schema["enum"] as readonly Json[]).map(plainText).join(", ")
    : "";
  const constant = "const" in schema ? plainText(schema["const"] ?? null) : "";
  const known = typeof format === "string" ? (FORMATS[format] ?? format) : "";
  const rules = [
    options,
    constant,
    known,
    lengthText(minLength, maxLength),
    // The pattern of a known format says nothing more to people.
    typeof pattern === "string" && known === "" ? `matches ${pattern}` : "",
    boundsText(minimum ?? exclusiveMinimum, maximum ?? exclusiveMaximum),
  ];
  return rules.filter((rule) => rule !== "").join(", ");
}

function lengthText(least: Json | undefined, most: Json | undefined): string {
  const characters = (value: number): string => `${count(value)} ${value === 1 ? "character" : "characters"}`;
  const hasLeast = typeof least === "number" && least > 0;
  if (hasLeast && typeof most === "number")
    return least === most ? characters(most) : `${count(least)} to ${characters(most)}`;
  if (hasLeast) return `at least ${characters(least)}`;
  return typeof most === "number" ? `at most ${characters(most)}` : "";
}

/** Bounds that only say what fits into a number are left out. */
function boundsText(least: Json | undefined, most: Json | undefined): string {
  const low = typeof least === "number" && least > -Number.MAX_SAFE_INTEGER ? least : null;
  const high = typeof most === "number" && most < Number.MAX_SAFE_INTEGER ? most : null;
  if (low !== null && high !== null) return `${low} to ${high}`;
  if (low !== null) return `at least ${low}`;
  return high === null ? "" : `at most ${high}`;
}

export function plainText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** An item that fits the schema about well enough for an example. */
export function exampleOf(schema: Json): Json {
  if (!isObject(schema)) return "…";
  if ("default" in schema) return schema["default"] ?? null;
  if ("const" in schema) return schema["const"] ?? null;
  const { enum: options, examples, type, properties } = schema;
  for (const some of [examples, options])
    if (Array.isArray(some) && some.length > 0) return (some as readonly Json[])[0] ?? null;
  if (isObject(properties))
    return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, exampleOf(one)]));
  if (type === "number" || type === "integer")
    return typeof schema["minimum"] === "number" && schema["minimum"] > 0 ? schema["minimum"] : 1;
  if (type === "boolean") return true;
  if (type === "array") return [exampleOf(schema["items"] ?? {})];
  return schema["format"] === "uri" ? "https://example.com/" : "…";
}
