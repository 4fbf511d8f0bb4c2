/**
 * The forms of names and ids in a state directory. A state directory may be somebody else's, so a name that
 * comes out of its database is held to its form before it becomes a path.
 */
import type { BatchFiles } from "../../batch/summary/files.ts";
import { matching, where } from "../../core/json/shape.ts";
import type { Check } from "../../core/json/shape.ts";

const ID = "[0-9A-Za-z]{1,64}";
const TAG = "[0-9A-Za-z]{1,16}";

const BATCH_ID = new RegExp(`^${ID}$`);

export function isBatchId(text: string): boolean {
  return BATCH_ID.test(text);
}

export const batchId: Check = matching(BATCH_ID);

/** A tag that begins with `-` names no partial. */
export const tag: Check = matching(/^-?[0-9A-Za-z]{0,16}$/);

export const jobName: Check = matching(/^[a-z][a-z0-9-]{0,62}$/);

/** A file of segments: in the folder of its batch, or right below `segments/` as up to format 2. */
const SEGMENTS = `segments/(?:${ID}/)?[0-9A-Za-z-]{1,100}`;

/** One stretch of a file below `segments/`. */
export const segmentName: Check = matching(new RegExp(`^${SEGMENTS}$`));

/** The file of a spool. There is none where a source is damaged from its beginning on. */
export const spoolName: Check = matching(new RegExp(`^(?:${SEGMENTS})?$`));

const SEGMENT_OF_SPOOL = new RegExp(`^[0-9a-z]+:[0-9a-z]+:[0-9a-z]+:(?:${SEGMENTS})?(?:\n|$)`);

/** The packed spool of a plan entry. */
export const packedSpool: Check = matching(SEGMENT_OF_SPOOL);

const RESULTS = {
  result: new RegExp(`^result-${TAG}\\.json$`),
  outputs: new RegExp(`^outputs-${TAG}\\.jsonl$`),
  failed: new RegExp(`^failed-${TAG}\\.jsonl$`),
} as const;

/** A file of a batch under the tag of the attempt that wrote it. */
export function resultName(batch: string, file: keyof BatchFiles): Check {
  const folder = `batches/${batch}/`;
  return where(
    (value) =>
      typeof value === "string" && value.startsWith(folder) && RESULTS[file].test(value.slice(folder.length)),
  );
}

const KEPT_INPUT = new RegExp(`^batches/${ID}/(stdin(-[0-9]{1,9})?|pulled-[0-9]{1,9}|input-${TAG}\\.jsonl)$`);

/** A source of a batch: none (a range), a URL, or text that is kept in the directory. */
export const sourceName: Check = where(
  (value) =>
    typeof value === "string" &&
    (value === "" || isFileUrl(value) || /^s3:\/\/[^/]+\/./s.test(value) || KEPT_INPUT.test(value)),
);

/** Without a host, which cannot be turned into a path. */
function isFileUrl(text: string): boolean {
  const url = text.startsWith("file:///") ? URL.parse(text) : null;
  return url !== null && !/%(00|2f)/i.test(url.pathname) && isDecodable(url.pathname);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
