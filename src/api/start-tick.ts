/** Starts the batch of a time in a job's schedule: one for each time, however often it is asked for. */
import { hasEnded } from "../core/records/batch/batch.ts";
import { tickName } from "../core/cron.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { isObject } from "../core/json/json.ts";
import { jsonOrNull } from "../core/json/shape.ts";
import type { Fields, Update } from "../core/records/record.ts";
import { readBatch } from "../batch/spec.ts";
import { isRemoved } from "../core/records/batch/removed-batch.ts";
import type { JobSchedule } from "../job/schedule.ts";
import { submitBatch } from "./handlers/submit-batch.ts";
import type { ApiHost } from "./host.ts";
import { JSON_TYPE } from "./http.ts";

export interface Tick extends Pick<JobSchedule, "params" | "input" | "overlap"> {
  readonly job: string;
  /** A whole minute, in milliseconds since the epoch. */
  readonly at: number;
}

export type Ticked =
  | { readonly batch: string }
  /** The batch of an earlier time has not ended. */
  | { readonly skipped: string }
  /** It has to be asked for again in a while. */
  | { readonly waits: true };

/** Starting a batch takes less. A process that died meanwhile holds up the next one for so long. */
const LEASE_MS = 60_000;

/** Throws what `submitBatch` throws, for params or an input that the job does not take. */
export async function startTick(host: ApiHost, tick: Tick): Promise<Ticked> {
  const { ledger } = host;
  const { job, at, overlap } = tick;
  const key = `schedule/${job}`;
  const waiting = `q${at}`;
  if (overlap === "queue") await ledger.update({ key, when: [], set: { [waiting]: true }, add: {} });
  const record = await leased(host, key);
  if (record === null) return { waits: true };
  const release = (set: Fields, remove: readonly string[] = []): Promise<unknown> =>
    ledger.update({ key, when: [], set, add: {}, remove: ["busyUntil", ...remove] });
  try {
    const { last, at: lastAt } = record;
    if (lastAt !== at && typeof last === "string" && (await isUnended(host, last))) {
      await release({});
      return overlap === "queue" ? { waits: true } : { skipped: last };
    }
    if (overlap === "queue" && isBehind(record, at)) {
      await release({});
      return { waits: true };
    }
    const batch = await submitted(host, tick);
    await release({ last: batch, at }, [waiting]);
    return { batch };
  } catch (error) {
    // A time whose batch cannot be started holds up no other one.
    await release({}, [waiting]);
    throw error;
  }
}

/** The record of the schedule, for this process alone. `null`: another process has it. */
async function leased(host: ApiHost, key: string): Promise<Fields | null> {
  const { ledger } = host;
  const now = host.now();
  const lease = { key, set: { busyUntil: now + LEASE_MS }, add: {} };
  const tries: readonly Update[] = [
    { ...lease, when: [{ is: "absent", field: "busyUntil" }] },
    { ...lease, when: [{ is: "at-most", field: "busyUntil", value: now }] },
  ];
  for (const update of tries) {
    const { applied, record } = await ledger.update(update);
    if (applied) return record;
  }
  return null;
}

async function isUnended({ ledger }: ApiHost, batch: string): Promise<boolean> {
  const fields = await readBatch(ledger, batch);
  return fields !== null && !hasEnded(fields) && !isRemoved(fields);
}

/** Whether an earlier time waits, too. */
function isBehind(record: Fields, at: number): boolean {
  return Object.keys(record).some((name) => /^q\d+$/.test(name) && Number(name.slice(1)) < at);
}

/** As a request does: its id is the time, so a second one begins nothing. */
async function submitted(host: ApiHost, { job, at, params, input }: Tick): Promise<string> {
  const id = `schedule ${tickName(at)}`;
  const headers = { "content-type": JSON_TYPE };
  const body = JSON.stringify({ id, params, ...(input === null ? {} : { input }) });
  const request = { method: "POST", path: `/jobs/${job}/batches`, query: {}, headers, body, base: "" };
  try {
    const answer = jsonOrNull((await submitBatch(host, request, [job])).body);
    return isObject(answer) ? String(answer["batch"]) : "";
  } catch (error) {
    // Objects have come since it was started: it is the batch of this time all the same.
    const known = error instanceof FanjoinError && error.code === "BATCH_CONFLICT";
    const [token = null] = known ? await host.ledger.read([`token/${job}/${id}`]) : [];
    if (typeof token?.["batch"] === "string") return token["batch"];
    throw error;
  }
}
