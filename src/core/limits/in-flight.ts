/**
 * Room for calls in flight over any number of functions: one record of a batch, which has the sum of what is
 * taken and a lease for each invocation. A lease that was not given back lapses when its invocation must have
 * ended: after a crash there is less room until then, and never more.
 */
import type { Condition, Fields, Update } from "../records/record.ts";

/** Room that one invocation has taken. */
export interface RoomLease {
  /** Unique. */
  readonly tag: string;
  readonly calls: number;
  /** When the platform has ended the invocation, in milliseconds since the epoch. */
  readonly until: number;
}

/** The clocks of two functions differ by less. */
const SKEW_MS = 5000;
/** Fields of leases begin with it. */
const LEASE = "l";

export function inFlightKey(batch: string): string {
  return `in-flight/${batch}`;
}

/** Takes room. `record`: as it was last seen. Refused if there is less room, or another lease came first. */
export function takeRoom(batch: string, limit: number, lease: RoomLease, record: Fields | null): Update {
  const enough: Condition =
    takenIn(record) === null
      ? { is: "absent", field: "taken" }
      : { is: "at-most", field: "taken", value: limit - lease.calls };
  return {
    key: inFlightKey(batch),
    when: [{ is: "absent", field: fieldOf(lease.tag) }, enough],
    set: { [fieldOf(lease.tag)]: packed(lease) },
    add: { taken: lease.calls },
  };
}

/** Gives a lease back. Refused if that was done before. */
export function giveRoomBack(batch: string, lease: RoomLease): Update {
  const field = fieldOf(lease.tag);
  return {
    key: inFlightKey(batch),
    when: [{ is: "equal", field, value: packed(lease) }],
    set: {},
    add: { taken: -lease.calls },
    remove: [field],
  };
}

/** How many more calls may be in flight, as the record was seen. */
export function roomIn(record: Fields | null, limit: number): number {
  return Math.max(0, limit - (takenIn(record) ?? 0));
}

/** The leases whose invocations have ended without giving them back. */
export function lapsedLeases(record: Fields | null, now: number): RoomLease[] {
  return Object.entries(record ?? {}).flatMap(([field, value]) => {
    if (!field.startsWith(LEASE) || typeof value !== "string") return [];
    const [calls, until] = value.split(":").map(Number);
    const lease = { tag: field.slice(LEASE.length), calls: calls ?? 0, until: until ?? Infinity };
    return lease.until + SKEW_MS < now ? [lease] : [];
  });
}

function takenIn(record: Fields | null): number | null {
  const taken = record?.["taken"];
  return typeof taken === "number" ? taken : null;
}

function fieldOf(tag: string): string {
  return `${LEASE}${tag}`;
}

function packed({ calls, until }: RoomLease): string {
  return `${calls}:${until}`;
}
