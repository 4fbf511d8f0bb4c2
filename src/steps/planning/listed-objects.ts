/** The objects that a submission names, as sources: those below a prefix, or those of a manifest. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { NamedObjects } from "../../batch/spec.ts";
import type { Source } from "../../input/reader.ts";
import type { InputObjects, ObjectStore } from "../../ports.ts";
import { urlsInManifest } from "./manifest.ts";

/** Objects in a page. A list of S3 has up to 1,000. */
const PAGE = 1000;
/** Each object of a manifest needs a request for its size and version. */
const STATS_AT_ONCE = 50;

export interface ObjectPage {
  readonly sources: readonly Source[];
  /** Where the list goes on behind this page. */
  readonly after: string | number;
}

export interface Listing {
  readonly objects: InputObjects;
  readonly store: Pick<ObjectStore, "read" | "stat">;
}

/**
 * The objects behind `after` (`null`: all), in order, page by page. Throws `INPUT_FORBIDDEN`, `INPUT_INVALID`
 * and `INPUT_NOT_FOUND`.
 */
export function listedObjects(
  listing: Listing,
  from: NamedObjects,
  after: string | number | null,
): AsyncGenerator<ObjectPage> {
  return "prefix" in from
    ? objectsBelow(listing, from.prefix, after === null ? null : String(after))
    : objectsInManifest(listing, from.manifest, Number(after ?? 0));
}

async function* objectsBelow(
  { objects }: Listing,
  prefix: string,
  after: string | null,
): AsyncGenerator<ObjectPage> {
  let sources: Source[] = [];
  let last = after;
  for await (const { url, bytes, version } of objects.list(prefix, after)) {
    sources.push({ name: objects.nameOf(url), label: url, size: bytes, version });
    last = url;
    if (sources.length < PAGE) continue;
    yield { sources, after: url };
    sources = [];
  }
  if (last === null) throw new FanjoinError("INPUT_NOT_FOUND", `there are no objects below ${prefix}`);
  if (sources.length > 0) yield { sources, after: last };
}

async function* objectsInManifest(
  { objects, store }: Listing,
  manifest: Source,
  passed: number,
): AsyncGenerator<ObjectPage> {
  const objectAt = async (url: string): Promise<Source> => {
    const name = objects.nameOf(url);
    const stat = await store.stat(name);
    if (stat) return { name, label: url, size: stat.bytes, version: stat.version };
    throw new FanjoinError(
      "INPUT_NOT_FOUND",
      `there is no object ${url}, which the manifest ${manifest.label} lists`,
    );
  };
  let after = passed;
  let urls: string[] = [];
  const page = async (): Promise<ObjectPage> => {
    const sources = await Promise.all(urls.map(objectAt));
    after += urls.length;
    urls = [];
    return { sources, after };
  };
  for await (const url of urlsInManifest(store, manifest, passed)) {
    urls.push(url);
    if (urls.length === STATS_AT_ONCE) yield await page();
  }
  if (urls.length > 0) yield await page();
}
