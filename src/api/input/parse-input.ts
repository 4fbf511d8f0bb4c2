/** Parses the input of a request, and looks up its objects. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Json } from "../../core/json/json.ts";
import type { Source } from "../../input/reader.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import { fieldsOf, shown } from "../request-body.ts";
import type { JsonObject } from "../../core/json/json.ts";
import { checkObjectUrl } from "../checked-names.ts";
import { objectsInManifest } from "./manifest.ts";
import { objectAt } from "./objects.ts";
import type { InputHost } from "./objects.ts";
import { badRequest } from "../problem.ts";

/** The input of a batch: objects, or the items of the request itself. */
export type ParsedInput = { readonly sources: readonly Source[] } | { readonly items: readonly Json[] };

const FORMS = ["items", "object", "prefix", "manifest"] as const;

/**
 * Listing 10,000 objects takes about a second, and API Gateway waits 29 s at most:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const MAX_LISTED = 100_000;
/**
 * The sources are part of the batch's record, and a DynamoDB item has at most 400 KB:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const MAX_SOURCES_BYTES = 200_000;

/**
 * `null` if the job brings its own input. Throws `REQUEST_INVALID` if `value` does not fit the job, and
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
  checkFits(input.sources, kind);
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
  if (form === "prefix") return { sources: await objectsBelow(host, url) };
  const object = await objectAt(host, url, null);
  return { sources: form === "object" ? [object] : await objectsInManifest(host, object) };
}

async function objectsBelow(host: InputHost, url: string): Promise<readonly Source[]> {
  const found = await host.listObjects(url, MAX_LISTED + 1);
  if (found.length === 0) throw new FanjoinError("INPUT_NOT_FOUND", `there are no objects below ${url}`);
  if (found.length <= MAX_LISTED)
    return found.map(({ url, bytes, version }) => ({
      name: host.objectName(url),
      label: url,
      size: bytes,
      version,
    }));
  throw badRequest(
    `there are more than ${MAX_LISTED} objects below ${url}: run several batches with longer prefixes`,
  );
}

/** A job that reads files has one source, the list of files, whatever their number. */
function checkFits(sources: readonly Source[], kind: string): void {
  if (kind === "files") return;
  const bytes = sources.reduce((sum, source) => sum + Buffer.byteLength(JSON.stringify(source)), 0);
  if (bytes <= MAX_SOURCES_BYTES) return;
  throw badRequest(
    `the names of these ${sources.length} objects have ${bytes} bytes, more than the ${MAX_SOURCES_BYTES} that fit into the record of a batch: combine objects into larger ones, run several batches, or read them with files()`,
  );
}
