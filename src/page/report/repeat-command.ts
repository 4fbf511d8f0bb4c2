/** The command that repeats a batch, as text to be pasted into a shell. */
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { BatchDetails } from "../../batch/summary/details.ts";
import { withoutSecrets } from "../../core/json/hidden.ts";
import { quoted } from "../../core/quoted.ts";

/** Inputs that the job brings itself. */
const OWN: ReadonlySet<string> = new Set(["range", "from"]);
/** Names that stand for items of a request, and for lists of sources. Nobody can name them again. */
const NAMELESS: ReadonlySet<string> = new Set(["items", "files"]);

/**
 * `place` is put behind it: ` --stack prod`. A directory is not named, because a report has no path of its
 * machine. `null`: no command starts the batch again, because its input was a part of the request, or has
 * more names than the summary. What looks like a secret is `hidden` in it.
 */
export function repeatCommand(summary: BatchSummary, place: string): string | null {
  const { details, job, maxItems, reproduces } = summary;
  if (!details || reproduces) return null;
  const inputs = inputsOf(details);
  if (inputs === null) return null;
  const { jobFile, params, chunk } = details;
  const start = jobFile === null ? ["submit", job] : ["run", jobFile];
  const options = [
    ["--params", params === null ? null : JSON.stringify(withoutSecrets(params))],
    ["--max-items", maxItems],
    ["--chunk-items", chunk.items],
    ["--chunk-bytes", chunk.bytes],
  ].flatMap(([name, value]) => (value === undefined || value === null ? [] : [String(name), String(value)]));
  return `${["fanjoin", ...start, ...inputs, ...options].map(word).join(" ")}${place}`;
}

/** `null`: they cannot be named again. */
function inputsOf({ input: { reader, sources, count }, where }: BatchDetails): readonly string[] | null {
  if (OWN.has(reader)) return [];
  const names = sources.map(({ name }) => name);
  const isNamed = names.length > 0 && names.length === count && !names.some((name) => NAMELESS.has(name));
  if (!isNamed) return null;
  // The bucket of `fanjoin dev` is known to its API alone.
  const isOfDev = where === "machine" && names.some((name) => name.startsWith("s3://local/"));
  return isOfDev ? null : names;
}

/** A home directory stays one: a shell reads `~` only outside of quotes. */
function word(text: string): string {
  return text.startsWith("~/") ? `~/${quoted(text.slice(2))}` : quoted(text);
}
