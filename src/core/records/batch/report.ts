/**
 * The report of a batch that nobody has asked for: which batches have one, and on a stack, where it is kept
 * and of which end it tells.
 */
import { batchKey, generationOf, hasEnded } from "./batch.ts";
import type { Fields, Update } from "../record.ts";

/**
 * A batch that ran for so many seconds has its report by itself. Of a shorter one it is made when somebody
 * asks: to load its modules and to draw it takes some tenths of a second, which is a few per cent of this.
 */
const LONG_S = 10;

/** `seconds`: how long the batch, or its newest redrive, ran. `null`: it has not ended. */
export function hasOwnReport(seconds: number | null): boolean {
  return seconds !== null && seconds >= LONG_S;
}

/** The name of the page, or of the same as data, in the store. A later report replaces it. */
export function reportName(batch: string, ending: "html" | "json"): string {
  return `batches/${batch}/report.${ending}`;
}

/**
 * Records that the report of a batch is in the store, and of which generation's end it tells. Refused for a
 * removed batch.
 */
export function noteReport(batch: string, generation: number): Update {
  return {
    key: batchKey(batch),
    when: [{ is: "existing" }, { is: "absent", field: "removed" }],
    set: { report: generation },
    add: {},
  };
}

/** Whether there is a report in the store, of this end or an earlier one. */
export function hasStoredReport({ report }: Fields): boolean {
  return report !== undefined;
}

/** Whether there is a report in the store that tells of the end that the batch has come to. */
export function hasCurrentReport(batch: Fields): boolean {
  return hasEnded(batch) && batch["report"] === generationOf(batch);
}
