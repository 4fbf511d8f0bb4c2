/** Parses the input of a request, and looks up its objects. */
import type { Json } from "../../core/json/json.ts";
import type { Source } from "../../input/reader.ts";
import type { NamedObjects } from "../../batch/spec.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import { fieldsOf, shown } from "../request-body.ts";
import type { JsonObject } from "../../core/json/json.ts";
import { checkObjectUrl } from "../checked-names.ts";
import { objectAt } from "./objects.ts";
import type { InputHost } from "./objects.ts";
import { badRequest } from "../problem.ts";

/** The input of a batch: objects, or the items of the request itself. */
export type ParsedInput =
  | { readonly sources: readonly Source[] }
  | { readonly from: NamedObjects }
  | { readonly items: readonly Json[] };

const FORMS = ["items", "object", "prefix", "manifest"] as const;

/**
 * `null` if the job brings its own input. Objects below a prefix and of a manifest are looked up by the
 * coordinator. Throws `REQUEST_INVALID` if `value` does not fit the job, and
 * `INPUT_NOT_FOUND`, `INPUT_FORBIDDEN`, `INPUT_INVALID`.
 */
export async function parseInput(
  host: InputHost,
  job: DescribedJob,
  value: Json | undefined,
): Promise<ParsedInput | null> {
  const { kind, own } = job.input;
  if (own) {
    if (value === undefined || value === null) return null;
    throw badRequest(`the job ${job.name} brings its own input (${kind}): leave out input`);
  }
  if (value === undefined || value === null) {
    throw badRequest(
      `the job ${job.name} reads ${kind}: give an input with one of the fields ${FORMS.join(", ")}`,
    );
  }
  const input = await readInput(host, fieldsOf(value, "input", FORMS));
  if ("items" in input) {
    if (kind !== "files") return input;
    throw badRequest(`the job ${job.name} reads files: its input cannot be items`);
  }
  return input;
}

async function readInput(host: InputHost, input: JsonObject): Promise<ParsedInput> {
  const [form, ...others] = FORMS.filter((name) => Object.hasOwn(input, name));
  if (form === undefined || others.length > 0)
    throw badRequest(`input must have exactly one of the fields ${FORMS.join(", ")}, but is ${shown(input)}`);
  const value = input[form];
  if (form === "items") {
    if (Array.isArray(value)) return { items: value };
    throw badRequest(`input.items must be an array, but is ${shown(value)}`);
  }
  if (typeof value !== "string") {
    throw badRequest(`input.${form} must be an s3:// URL, but is ${shown(value)}`);
  }
  const url = checkObjectUrl(value, `input.${form}`, form === "prefix" ? "prefix" : "object");
  if (form === "prefix") {
    host.checkPrefix(url);
    return { from: { prefix: url } };
  }
  const object = await objectAt(host, url);
  return form === "object" ? { sources: [object] } : { from: { manifest: object } };
}
