/** How a CSV source is written: the options of `csv()`, as they travel in the batch's record. */
import type { Json } from "../../core/json/json.ts";
import { lineBorders, quotedBorders } from "../text/record-ends.ts";
import type { NewBorders } from "../text/record-ends.ts";

/** Each is one ASCII character, so that it is one byte too; `null` where there is none. */
export interface CsvFormat {
  readonly delimiter: string;
  readonly quote: string | null;
  /** The first character of a comment. */
  readonly comment: string | null;
}

export interface CsvOptions extends CsvFormat {
  /** The first record is a header. */
  readonly header: boolean;
  /** Names given by the job, in place of the header's. */
  readonly columns: readonly string[] | null;
  /** How many physical lines are left out before the first record. */
  readonly skipLines: number;
  /** The columns of the items, `null` for all. */
  readonly pick: readonly string[] | null;
}

/** Options as they come out of a batch record; `csv()` has checked them. */
export function csvOptions(options: { readonly [name: string]: Json }): CsvOptions {
  const { delimiter, quote, comment, header, columns, skipLines, pick } = options;
  return {
    delimiter: typeof delimiter === "string" ? delimiter : ",",
    quote: typeof quote === "string" ? quote : null,
    comment: typeof comment === "string" ? comment : null,
    header: header !== false,
    columns: Array.isArray(columns) ? columns.map(String) : null,
    skipLines: typeof skipLines === "number" ? skipLines : 0,
    pick: Array.isArray(pick) ? pick.map(String) : null,
  };
}

/** Where the records of this format end. */
export function bordersOf({ delimiter, quote, comment }: CsvFormat): NewBorders {
  if (quote === null && comment === null) return lineBorders;
  const bytes = {
    delimiter: delimiter.charCodeAt(0),
    quote: quote?.charCodeAt(0) ?? null,
    comment: comment?.charCodeAt(0) ?? null,
  };
  return () => quotedBorders(bytes);
}
