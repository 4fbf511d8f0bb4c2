/** Options of all text readers: the encoding, and limits for unpacking. */
import type { UnknownObject, Json } from "../../core/json/json.ts";
import { integer, invalid, show } from "../../option-check.ts";

export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "latin1", "windows-1252"] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface TextOptions {
  /** `utf-8` by default; a source with a UTF-16 byte order mark is read as UTF-16. */
  readonly encoding?: Encoding | undefined;
  /**
   * The most bytes that a source packed with gzip or zstd may unpack to. By default 1 GiB plus a hundred
   * times its packed size.
   */
  readonly maxUnpackedBytes?: number | undefined;
  /**
   * The largest window of zstd data, in bytes: so much memory is taken to unpack them. By default 128 MiB, as
   * for `zstd -d`; at most 2 GiB, for `zstd --long=31`.
   */
  readonly maxWindowBytes?: number | undefined;
}

export const TEXT_OPTIONS = ["encoding", "maxUnpackedBytes", "maxWindowBytes"] as const;

const FREE_BYTES = 1024 ** 3;
const PER_PACKED_BYTE = 100;
/** `ZSTD_WINDOWLOG_LIMIT_DEFAULT` and `ZSTD_WINDOWLOG_MAX` of zstd, as sizes. */
const WINDOW_BYTES = 2 ** 27;
const MAX_WINDOW_BYTES = 2 ** 31;

/** The options as stored in a batch record. Throws `JOB_INVALID`. */
export function textOptions({ encoding: named, maxUnpackedBytes, maxWindowBytes }: UnknownObject): {
  readonly [name: string]: Json;
} {
  const encoding = ENCODINGS.find((one) => one === named);
  if (named !== undefined && encoding === undefined) {
    throw invalid(`encoding has to be one of ${ENCODINGS.join(", ")}, but is ${show(named)}.`);
  }
  const limit = integer(maxUnpackedBytes, "maxUnpackedBytes", 1, null);
  const window = integer(maxWindowBytes, "maxWindowBytes", 1, null);
  if (window !== null && window > MAX_WINDOW_BYTES) {
    throw invalid(`maxWindowBytes has to be ${MAX_WINDOW_BYTES} at most, but is ${window}.`);
  }
  return {
    ...(encoding === undefined ? {} : { encoding }),
    ...(limit === null ? {} : { maxUnpackedBytes: limit }),
    ...(window === null ? {} : { maxWindowBytes: window }),
  };
}

export function encodingIn(options: { readonly [name: string]: Json }): Encoding | null {
  return ENCODINGS.find((encoding) => encoding === options["encoding"]) ?? null;
}

export function unpackedLimit(options: { readonly [name: string]: Json }, packedBytes: number): number {
  const { maxUnpackedBytes: limit } = options;
  return typeof limit === "number" ? limit : FREE_BYTES + PER_PACKED_BYTE * packedBytes;
}

export function windowLimit({ maxWindowBytes }: { readonly [name: string]: Json }): number {
  return typeof maxWindowBytes === "number" ? maxWindowBytes : WINDOW_BYTES;
}
