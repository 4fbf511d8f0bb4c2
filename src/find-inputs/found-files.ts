/** The files that are found for one input, and what is not read: no path vanishes without a word. */
import { readlinkSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { pathToFileURL } from "node:url";
import { FanjoinError, reasonOf } from "../core/errors/errors.ts";
import type { ErrorCode } from "../core/errors/errors.ts";
import type { Source } from "../input/reader.ts";
import { statOf } from "../local/store/open-file.ts";
import { counted } from "../format.ts";

/** Why a path cannot be read, as the end of a sentence about it. */
export interface Unusable {
  readonly code: Extract<ErrorCode, "INPUT_NOT_FOUND" | "INPUT_INVALID">;
  readonly what: string;
}

/** The kinds of files that are left out on purpose, by the word for one and for several. */
const LEFT_OUT = {
  hidden: ["hidden name", "hidden names"],
  unfinished: ["unfinished file", "unfinished files"],
  directory: ["directory", "directories"],
  linked: ["link to a directory", "links to directories"],
  packages: ["node_modules", "node_modules"],
  other: ["path that is neither a file nor a directory", "paths that are neither files nor directories"],
} as const;

export type LeftOut = keyof typeof LEFT_OUT;

export class FoundFiles {
  readonly #sources: Source[] = [];
  readonly #unusable: (Unusable & { readonly path: string })[] = [];
  readonly #leftOut = new Map<LeftOut, number>();

  add(path: string, stats: BigIntStats): void {
    this.#sources.push(fileSource(path, stats));
  }

  /** Notes a path that is an input and cannot be read. */
  fail(path: string, unusable: Unusable): void {
    this.#unusable.push({ path, ...unusable });
  }

  leaveOut(kind: LeftOut): void {
    this.#leftOut.set(kind, (this.#leftOut.get(kind) ?? 0) + 1);
  }

  /**
   * The files in the order of their paths. `asItems`: a path that cannot be read is a source with a
   * `problem`, and so one failed item. Otherwise it throws `INPUT_NOT_FOUND` or `INPUT_INVALID`.
   */
  sources(asItems: boolean): Source[] {
    const [first, ...more] = this.#unusable;
    if (first && !asItems) {
      const others = more.length === 0 ? "" : ` (and ${counted(more.length, "other path")} cannot be read)`;
      throw new FanjoinError(
        first.code,
        `${first.path} ${first.what}${others}: mend or remove it, or name the other inputs`,
      );
    }
    const failed = this.#unusable.map(({ path, what }) => ({
      name: pathToFileURL(path).href,
      label: path,
      size: 0,
      version: "",
      problem: what,
    }));
    return [...this.#sources, ...failed].toSorted(byLabel);
  }

  /** `2 hidden names, 1 unfinished file`; empty if nothing was left out. */
  get leftOut(): string {
    const kinds = Object.entries(LEFT_OUT) as [LeftOut, readonly [string, string]][];
    return kinds
      .map(([kind, words]) => [this.#leftOut.get(kind) ?? 0, words] as const)
      .filter(([times]) => times > 0)
      .map(([times, [one, several]]) => counted(times, one, several))
      .join(", ");
  }
}

function byLabel(one: Source, other: Source): number {
  if (one.label === other.label) return 0;
  return one.label < other.label ? -1 : 1;
}

export function fileSource(path: string, stats: BigIntStats): Source {
  const { bytes, version } = statOf(stats);
  return { name: pathToFileURL(path).href, label: path, size: bytes, version };
}

/** The stats of what `path` leads to; `null` if there is nothing. */
export function look(path: string): BigIntStats | Unusable | null {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats) return stats;
  } catch (error) {
    return unreadable(error);
  }
  const target = targetOf(path);
  if (target === null) return null;
  return { code: "INPUT_NOT_FOUND", what: `is a link to ${target}, which does not exist` };
}

export function unreadable(error: unknown): Unusable {
  return { code: "INPUT_INVALID", what: `cannot be read (${reasonOf(error)})` };
}

export function isUnusable(seen: BigIntStats | Unusable | null): seen is Unusable {
  return seen !== null && "what" in seen;
}

/** `null` if the path is not a link. */
function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
