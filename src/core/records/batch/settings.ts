/** Settings of a batch that may be changed while it runs. Each is a field of its record. */
import { batchKey } from "./batch.ts";
import type { Fields, Update } from "../record.ts";

/** Absent: as the job, or the command that runs it, says. */
export interface Settings {
  /** How many threads run the chunks of the batch's job. */
  readonly threads?: number;
  /** Where several batches wait, those of the highest number come first. 0 by default. */
  readonly priority?: number;
  /** How many calls of `process` may run at once, in all threads or functions together. */
  readonly inFlight?: number;
  /** How many calls of `process` may begin in a second, in the place of the job's `rateLimit`. */
  readonly perSecond?: number;
}

export type SettingName = keyof Settings;

/** The names of the fields, which say that somebody has set them. */
const FIELDS = {
  threads: "setThreads",
  priority: "setPriority",
  inFlight: "setInFlight",
  perSecond: "setPerSecond",
} as const satisfies Record<SettingName, string>;

export const SETTING_NAMES = Object.keys(FIELDS) as readonly SettingName[];

/** The last change of a setting counts. Refused if the batch has ended. */
export function changeSettings(batch: string, settings: Settings): Update {
  const changed = SETTING_NAMES.flatMap((name) => {
    const value = settings[name];
    return value === undefined ? [] : [[FIELDS[name], value] as const];
  });
  return {
    key: batchKey(batch),
    when: [{ is: "existing" }, { is: "absent", field: "endedAt" }],
    set: Object.fromEntries(changed),
    add: {},
  };
}

export function settingsOf(batch: Fields): Settings {
  return Object.fromEntries(
    SETTING_NAMES.flatMap((name) => {
      const value = batch[FIELDS[name]];
      return typeof value === "number" ? [[name, value]] : [];
    }),
  );
}
