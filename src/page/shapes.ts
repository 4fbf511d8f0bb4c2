/** What only the page reads: answers of its server as JSON. */
import type { FailedLine } from "../core/failures/failed-line.ts";
import type { Json, JsonObject } from "../core/json/json.ts";

/** Where the page is, and what it may do there. */
export interface PlaceView {
  /** Of `fanjoin dev`, of `fanjoin run --open`, of a directory that `fanjoin ui` looks into, of a stack. */
  readonly kind: "dev" | "run" | "directory" | "stack";
  /** Of the directory or the stack. */
  readonly name: string;
  readonly version: string;
  /** Whether buttons work. If not, the page shows the command in place of the button. */
  readonly changes: boolean;
  readonly why?: string;
  /** At the end of these commands. */
  readonly options: string;
  /** How often it hears of a batch: at once, or every so many milliseconds. */
  readonly every: "live" | number;
}

export interface FailedItemsPage {
  readonly items: readonly FailedLine[];
  /** `null`: that was all. */
  readonly cursor: string | null;
}

export interface JobView {
  readonly job: string;
  readonly reader: { readonly kind: string; readonly options: JsonObject };
  readonly input: "own" | "given";
  /** JSON Schemas; `null`: none. */
  readonly schemas: { readonly item: Json; readonly params: Json };
  readonly joins: boolean;
  readonly outputs: boolean;
  readonly code?: string;
  readonly file?: string;
  readonly loadedAt?: string;
}

/** A job that does not load. */
export interface JobError {
  readonly job: string;
  readonly error: { readonly code: string; readonly message: string };
  readonly file?: string;
}
