/** Detects packed sources. The first bytes decide; the name only says what to expect. */
import { FanjoinError } from "../../core/errors.ts";
import type { Source } from "../reader.ts";

export type Packing = "gzip" | "zstd";

/** The number of bytes that decide. */
export const HEAD_BYTES = 4;

const MAGIC: { readonly [Name in Packing]: Buffer } = {
  gzip: Buffer.from([0x1f, 0x8b]),
  zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
};

const ENDINGS: ReadonlyMap<string, Packing> = new Map([
  ["gz", "gzip"],
  ["zst", "zstd"],
  ["zstd", "zstd"],
]);

/** The packing that the name promises. */
export function promisedPacking({ label }: Source): Packing | null {
  return ENDINGS.get(endingOf(label)) ?? null;
}

/** The letters after the last dot; '' if something else follows it. */
function endingOf(label: string): string {
  return /\.([a-z]+)$/i.exec(label)?.[1]?.toLowerCase() ?? "";
}

/** `head`: the first bytes. Throws `INPUT_INVALID` if the name promises a packing and the bytes have none. */
export function packingOf(source: Source, head: Buffer): Packing | null {
  if (beginsWith(head, MAGIC.gzip)) return "gzip";
  if (beginsWith(head, MAGIC.zstd)) return "zstd";
  const promised = promisedPacking(source);
  if (promised === null) return null;
  const { label } = source;
  const found = head.length === 0 ? "is empty" : `begins with the bytes ${head.toString("hex")}`;
  throw new FanjoinError(
    "INPUT_INVALID",
    `${label} ends in .${endingOf(label)} but is not ${promised}: it ${found}. Pack it again, or give it the name of what it is.`,
  );
}

function beginsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic);
}
