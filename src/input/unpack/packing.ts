/** Detects packed sources. The first bytes decide; the name only says what to expect. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Source } from "../reader.ts";
import { GZIP_MAGIC } from "./members/gzip-header.ts";
import { isZstd } from "./members/zstd-walk.ts";

export type Packing = "gzip" | "zstd";

/** How many bytes of a bad file are shown. */
const SHOWN_BYTES = 4;

const ENDINGS: ReadonlyMap<string, Packing> = new Map([
  ["gz", "gzip"],
  ["zst", "zstd"],
  ["zstd", "zstd"],
]);

/** The packing that the name promises. */
export function promisedPacking({ label }: Pick<Source, "label">): Packing | null {
  return ENDINGS.get(endingOf(label)) ?? null;
}

/** The letters after the last dot; '' if something else follows it. */
function endingOf(label: string): string {
  return /\.([a-z]+)$/i.exec(label)?.[1]?.toLowerCase() ?? "";
}

/** `head`: the first bytes. */
export function packingOf(head: Buffer): Packing | null {
  if (head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC)) return "gzip";
  return isZstd(head) ? "zstd" : null;
}

/** Throws `INPUT_INVALID` if the name promises a packing. `head`: the first bytes of a source without one. */
export function refuseBrokenPromise(source: Pick<Source, "label">, head: Buffer): void {
  const promised = promisedPacking(source);
  if (promised === null) return;
  const { label } = source;
  const bytes = head.toString("hex", 0, SHOWN_BYTES);
  const found = head.length === 0 ? "is empty" : `begins with the bytes ${bytes}`;
  throw new FanjoinError(
    "INPUT_INVALID",
    `${label} ends in .${endingOf(label)} but is not ${promised}: it ${found}. Pack it again, or give it the name of what it is.`,
  );
}
