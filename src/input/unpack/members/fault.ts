/** Faults of packed data, by their kind. */

export type FaultKind =
  /** The data end before the member does. */
  | "cut-off"
  /** Something else follows the last member. */
  | "foreign"
  /** The unpacked bytes are not those that were packed. */
  | "checksum"
  /** A zstd frame refers further back than the reader allows. */
  | "window"
  | "broken";

/** A fault that was found in a member. */
export class PackedFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Codes and messages of zlib and zstd. The first match counts. */
const KINDS: readonly (readonly [RegExp, FaultKind])[] = [
  [/unexpected end of file/, "cut-off"],
  [/checksum_wrong/, "checksum"],
];

/** The fault that zlib or zstd reports with this error; `null` if it is not about the data. */
export function faultOf(error: unknown): PackedFault | null {
  if (error instanceof PackedFault) return error;
  if (!(error instanceof Error) || !("code" in error) || error.code === "Z_MEM_ERROR") return null;
  const words = `${String(error.code)} ${error.message}`;
  const [, kind] = KINDS.find(([pattern]) => pattern.test(words)) ?? [null, "broken" as const];
  return new PackedFault(kind, error.message, error);
}
