/** The options of a job that end its batches before all of the input is done. */
import { group, integer, invalid, milliseconds, show } from "../option-check.ts";
import type { UnknownObject } from "../core/json/json.ts";

/** When a batch ends early. By default it ends when all of its input is done. */
export interface EndSettings {
  /**
   * How many items, or which percentage of them, may fail. If more fail than either limit says, the batch
   * ends as failed. Any number by default. With a `sample`, the percentage is judged as soon as so many items
   * were tried; without one at the end, or once it cannot be met any more.
   */
  readonly tolerate?:
    | {
        readonly count?: number | undefined;
        readonly percent?: number | undefined;
        readonly sample?: number | undefined;
      }
    | undefined;
  /** `true`: the first failed item ends the batch, as with `tolerate: { count: 0 }`. */
  readonly failFast?: boolean | undefined;
  /**
   * The batch ends as succeeded with what is settled, as soon as so many items have succeeded, such a
   * percentage of the input is done, so much time has passed since it was submitted, or a time of day has
   * come: `"17:00"` in UTC. Its summary says `incomplete`; a redrive does the rest.
   */
  readonly enough?:
    | {
        readonly items?: number | undefined;
        readonly percent?: number | undefined;
        readonly afterMs?: number | undefined;
        readonly at?: string | undefined;
      }
    | undefined;
}

/** The same with all defaults filled in. `null`: no limit. `minute` is one of the day, from 0 in UTC. */
export interface EndOptions {
  readonly tolerate: {
    readonly count: number | null;
    readonly percent: number | null;
    readonly sample: number | null;
  };
  readonly enough: {
    readonly items: number | null;
    readonly percent: number | null;
    readonly afterMs: number | null;
    readonly minute: number | null;
  };
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Throws `JOB_INVALID`. */
export function parseEnds(settings: UnknownObject): EndOptions {
  return {
    tolerate: parseTolerate(settings["tolerate"], settings["failFast"]),
    enough: parseEnough(settings["enough"]),
  };
}

function parseTolerate(tolerate: unknown, failFast: unknown): EndOptions["tolerate"] {
  if (failFast !== undefined && typeof failFast !== "boolean") {
    throw invalid(`failFast has to be true or false, but is ${show(failFast)}.`);
  }
  const { count, percent, sample } = group(tolerate, "tolerate", ["count", "percent", "sample"]);
  if (failFast === true && tolerate !== undefined) {
    throw invalid("failFast means that no failed item is tolerated: leave out either failFast or tolerate.");
  }
  if (failFast === true) return Object.freeze({ count: 0, percent: null, sample: null });
  if (sample !== undefined && percent === undefined) {
    throw invalid("tolerate.sample says when tolerate.percent is judged: give a percent too.");
  }
  return Object.freeze({
    count: integer(count, "tolerate.count", 0, null),
    percent: parsePercent(percent, "tolerate.percent"),
    sample: integer(sample, "tolerate.sample", 1, null),
  });
}

function parseEnough(enough: unknown): EndOptions["enough"] {
  const { items, percent, afterMs, at } = group(enough, "enough", ["items", "percent", "afterMs", "at"]);
  return Object.freeze({
    items: integer(items, "enough.items", 1, null),
    percent: parsePercent(percent, "enough.percent"),
    afterMs: milliseconds(afterMs, "enough.afterMs", null),
    minute: parseTimeOfDay(at),
  });
}

function parsePercent(percent: unknown, where: string): number | null {
  if (percent === undefined) return null;
  if (typeof percent === "number" && percent >= 0 && percent <= 100) return percent;
  throw invalid(`${where} has to be a number from 0 to 100, but is ${show(percent)}.`);
}

function parseTimeOfDay(at: unknown): number | null {
  if (at === undefined) return null;
  const [, hour, minute] = (typeof at === "string" && TIME_OF_DAY.exec(at)) || [];
  if (hour !== undefined) return Number(hour) * 60 + Number(minute);
  throw invalid(`enough.at has to be a time of day in UTC such as "17:00", but is ${show(at)}.`);
}
