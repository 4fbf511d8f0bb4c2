/** Manifests: an object that lists the input objects, as one JSON array or as JSON lines. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Json } from "../../core/json/json.ts";
import type { Source } from "../../input/reader.ts";
import { shown } from "../request-body.ts";
import { checkObjectUrl } from "../checked-names.ts";
import { objectAt } from "./objects.ts";
import type { InputHost } from "./objects.ts";

/** Each object needs a request for its size and version, and API Gateway waits 29 s at most. */
const MAX_ENTRIES = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Requests at the same time. */
const AT_ONCE = 50;

/** In the order of the manifest. Throws `INPUT_INVALID`, `INPUT_NOT_FOUND`, `INPUT_FORBIDDEN`. */
export async function objectsInManifest(host: InputHost, manifest: Source): Promise<readonly Source[]> {
  const { label, size } = manifest;
  if (size > MAX_BYTES) throw invalid(label, `has ${size} bytes, more than ${MAX_BYTES}`);
  const entries = parse(label, await textOf(host, manifest));
  if (entries.length === 0) throw invalid(label, "lists no objects");
  if (entries.length > MAX_ENTRIES) {
    throw invalid(label, `lists ${entries.length} objects, more than ${MAX_ENTRIES}: use a prefix instead`);
  }
  const urls = entries.map((entry, place) => urlOf(label, entry, place));
  const found: Source[] = [];
  for (let from = 0; from < urls.length; from += AT_ONCE) {
    const some = urls.slice(from, from + AT_ONCE);
    found.push(...(await Promise.all(some.map(async (url) => objectAt(host, url, label)))));
  }
  return found;
}

async function textOf({ store }: InputHost, { name, label, size, version }: Source): Promise<string> {
  const blocks = await Array.fromAsync(store.read(name, 0, size, version));
  try {
    return UTF_8.decode(Buffer.concat(blocks));
  } catch {
    throw invalid(label, "is not UTF-8");
  }
}

/** A byte that is not UTF-8 is refused: it would name another object. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true });

function parse(label: string, text: string): readonly Json[] {
  const trimmed = text.trim();
  try {
    if (trimmed.startsWith("[")) return JSON.parse(trimmed) as readonly Json[];
    const lines = trimmed.split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => JSON.parse(line) as Json);
  } catch {
    throw invalid(label, "is neither a JSON array nor JSON lines");
  }
}

/** An entry is an `s3:` URL, or `{"object": "s3://…"}` as in `input`. */
function urlOf(label: string, entry: Json, place: number): string {
  const url = typeof entry === "object" && entry !== null && "object" in entry ? entry["object"] : entry;
  const where = `entry ${place} of the manifest ${label}`;
  if (typeof url === "string") return checkObjectUrl(url, where, "object");
  throw invalid(label, `has the entry ${shown(entry)} (number ${place}), which is not an s3:// URL`);
}

function invalid(label: string, why: string): FanjoinError {
  return new FanjoinError("INPUT_INVALID", `the manifest ${label} ${why}`);
}
