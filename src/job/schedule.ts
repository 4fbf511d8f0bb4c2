/** The option `schedule` of a job: when its batches start by themselves. */
import { parseCron } from "../core/cron.ts";
import type { Json } from "../core/json/json.ts";
import { group, invalid, show } from "../option-check.ts";

/** When batches start by themselves, and with what. */
export interface ScheduleSettings {
  /** Five fields, in UTC: minute, hour, day of the month, month, weekday. */
  readonly cron: string;
  /** The params of each batch. */
  readonly params?: Json | undefined;
  /** The input of each batch, as a request to the API names it, for a job that brings none itself. */
  readonly input?: Json | undefined;
  /**
   * What happens at a time at which the last batch has not ended. By default it is skipped; with `queue` it
   * is done later.
   */
  readonly overlap?: "skip" | "queue" | undefined;
}

/** The option with its defaults. */
export interface JobSchedule {
  readonly cron: string;
  readonly params: Json;
  readonly input: Json;
  readonly overlap: "skip" | "queue";
}

/** `where`: the option's name in messages. Throws `JOB_INVALID`. `null`: batches are only submitted. */
export function parseSchedule(schedule: unknown, where = "schedule"): JobSchedule | null {
  if (schedule === undefined || schedule === null) return null;
  const given = typeof schedule === "string" ? { cron: schedule } : schedule;
  const names = ["cron", "params", "input", "overlap"];
  const { cron, params = null, input = null, overlap = "skip" } = group(given, where, names);
  if (typeof cron !== "string") throw invalid(`${where}.cron has to be five fields, but is ${show(cron)}.`);
  const parsed = parseCron(cron);
  if (typeof parsed === "string") throw invalid(`${where} ${show(cron)} cannot be read: ${parsed}.`);
  if (overlap !== "skip" && overlap !== "queue")
    throw invalid(`${where}.overlap has to be "skip" or "queue", but is ${show(overlap)}.`);
  return Object.freeze({ cron, params: params as Json, input: input as Json, overlap });
}
