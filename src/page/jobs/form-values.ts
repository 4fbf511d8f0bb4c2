/** From what was typed into the form to a request. Pure. */
import type { Json, JsonObject } from "../../core/json/json.ts";
import { plainText } from "./schema-words.ts";
import type { FormField } from "./schema-words.ts";

/** Text of each field by its name; of a checkbox `true` or `false`. */
export interface Typed {
  readonly [name: string]: string;
}

export type ParamsOrErrors =
  | { readonly params: JsonObject; readonly errors: null }
  | { readonly errors: { readonly [name: string]: string } };

export function presetText({ preset, kind, required, options }: FormField): string {
  if (preset !== null)
    return kind === "json" || kind === "select" ? JSON.stringify(preset) : plainText(preset);
  if (kind === "checkbox") return "false";
  return kind === "select" && required ? JSON.stringify(options[0] ?? null) : "";
}

/** Fields that were left empty are left out. */
export function paramsOf(fields: readonly FormField[], typed: Typed): ParamsOrErrors {
  const errors: [string, string][] = [];
  const params: [string, Json][] = [];
  for (const field of fields) {
    const text = typed[field.name] ?? presetText(field);
    const value = valueOf(field, text);
    if (typeof value === "object" && value !== null && "error" in value)
      errors.push([field.name, value.error]);
    else if (value !== undefined) params.push([field.name, value.given]);
  }
  if (errors.length > 0) return { errors: Object.fromEntries(errors) };
  return { params: Object.fromEntries(params), errors: null };
}

type FieldValue = { readonly given: Json } | { readonly error: string } | undefined;

function valueOf({ name, kind, required, preset }: FormField, text: string): FieldValue {
  if (kind === "checkbox") return { given: text === "true" };
  if (text.trim() === "")
    return required && preset === null && kind !== "text"
      ? { error: `${name} is required` }
      : emptyText(kind, required);
  if (kind === "text") return { given: text };
  if (kind === "number") {
    const value = Number(text);
    return Number.isFinite(value) ? { given: value } : { error: `"${text}" is not a number` };
  }
  try {
    return { given: JSON.parse(text) as Json };
  } catch {
    return kind === "select" ? { given: text } : { error: "this is not JSON: text needs quotes" };
  }
}

/** A text that is required may be empty on purpose: the job's schema decides. */
function emptyText(kind: FormField["kind"], required: boolean): FieldValue {
  return kind === "text" && required ? { given: "" } : undefined;
}

/** `null`: it is left empty. Throws a sentence. */
export function wholeNumber(text: string): number | null {
  if (text.trim() === "") return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`"${text}" is not a whole number from 1 on`);
  return value;
}

/** The field that an error of the API is about: its words name it. `null`: none of them. */
export function fieldOfError(message: string, names: readonly string[]): string | null {
  const named = names.filter((name) => new RegExp(`(^|[^\\w])${escaped(name)}([^\\w]|$)`).test(message));
  return named.length === 1 ? (named[0] ?? null) : null;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
