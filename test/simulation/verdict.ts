/** Checks a simulated batch: its outcome has to follow, row by row, from the rows of its settled chunks. */
import { expect } from "vitest";
import { closedGenerations } from "../../src/core/records/batch.ts";
import { parseEntry } from "../../src/core/records/plan.ts";
import type { PlannedRange } from "../../src/core/records/plan.ts";
import { FAN_IN, LEFT_OUT_TAG, nodeKey, NodeView } from "../../src/core/records/tree.ts";
import type { Totals } from "../../src/core/records/tree.ts";
import { BATCH } from "../steps/stage.ts";
import type { Stage } from "../steps/stage.ts";
import type { Row } from "./input.ts";
import type { Simulated } from "./simulate.ts";

export function check({ one, input, cancelled, tolerate }: Simulated): void {
  const unexpected = one.log.filter((line) => !line.startsWith("Death"));
  expect(unexpected).toEqual([]);
  expect(one.ended()).toBe(true);
  const batch = one.batch();
  const chunks = planOf(one);
  const settled = chunks.map((_, chunk) => tagOf(one, chunk) !== null);
  const broken = new Set(one.failed().flatMap(({ code, chunk }) => (code === "CHUNK_FAILED" ? [chunk] : [])));
  const owner = (row: Row): number => chunks.findIndex((range) => holds(one, range, row));
  const counted = input.rows.filter((row) => {
    const chunk = owner(row);
    return settled[chunk] === true && !broken.has(chunk);
  });
  const good = counted.filter(({ fails }) => !fails);
  const bad = counted.filter(({ fails }) => fails);

  const whole = batch["ending"] === undefined;
  if (whole) expect(counted.length + rowsOf(broken, input.rows, owner)).toBe(input.rows.length);
  const totals = batch["totals"] as unknown as Totals;
  expect(totals).toMatchObject({
    chunks: settled.filter(Boolean).length,
    lost: settled.filter((is) => !is).length,
    broken: broken.size,
    succeeded: good.length,
    failed: bad.length,
  });
  expect(one.result()).toEqual({ order: good.map(({ id }) => `${id},`).join(""), all: good.length });
  expect(one.outputs()).toEqual(good.map(({ id }) => id));
  expectFailed(one, bad, (row) => positionKnown(row, { chunks, settled, broken, owner }));
  expectGroups(one, totals);
  expect(batch["state"]).toBe(
    expectedState(
      { one, cancelled, tolerate },
      { bad: bad.length, counted: counted.length, broken: broken.size },
    ),
  );
}

/**
 * After a redrive that nobody ended, every row of the input succeeded, failed again, or is in a chunk given
 * up.
 */
export function checkRedriven({ one, input }: Simulated, cancelled: boolean): void {
  expect(one.log.filter((line) => !line.startsWith("Death"))).toEqual([]);
  expect(one.ended()).toBe(true);
  const batch = one.batch();
  const totals = batch["totals"] as unknown as Totals;
  const chunks = planOf(one);
  const failed = one.failed().filter(({ code }) => code !== "CHUNK_FAILED");
  const broken = new Set(one.failed().flatMap(({ code, chunk }) => (code === "CHUNK_FAILED" ? [chunk] : [])));
  const isFailed = (row: Row): boolean =>
    failed.some(({ source, offset }) => source === row.source && offset === row.offset);
  const left = new Set(leftOut(one, chunks));
  const owned = input.rows.filter((row) => {
    const chunk = chunks.findIndex((range) => holds(one, range, row));
    return chunk >= 0 && !broken.has(chunk) && !left.has(chunk);
  });
  const good = owned.filter((row) => !isFailed(row));
  expect(good.length + failed.length).toBe(owned.length);
  expect(owned.every((row) => !isFailed(row) || row.fails)).toBe(true);
  expect(totals).toMatchObject({
    chunks: chunks.length - left.size,
    lost: left.size,
    broken: broken.size,
    succeeded: good.length,
    failed: failed.length,
  });
  if (batch["ending"] === undefined && batch["error"] === null) {
    expect(totals.lost).toBe(0);
    expect(input.rows.filter((row) => !chunks.some((range) => holds(one, range, row)))).toEqual([]);
  }
  expectGroups(one, totals);
  if (cancelled) expect(batch["state"]).toBe("cancelled");
  expect(one.result()).toEqual({ order: good.map(({ id }) => `${id},`).join(""), all: good.length });
  expect(one.outputs()).toEqual(good.map(({ id }) => id));
}

/** The chunks that no generation has settled. */
function leftOut(one: Stage, chunks: readonly PlannedRange[]): number[] {
  const generations = closedGenerations(one.batch());
  return [...chunks.keys()].filter((chunk) =>
    generations.every((generation) => {
      const leaf = { batch: BATCH, generation, level: 0, index: Math.floor(chunk / FAN_IN) };
      const fields = one.ledger.records.get(nodeKey(leaf)) ?? null;
      const tag = new NodeView(fields, FAN_IN).tag(chunk % FAN_IN);
      return tag === null || tag === LEFT_OUT_TAG;
    }),
  );
}

function rowsOf(broken: ReadonlySet<number>, rows: readonly Row[], owner: (row: Row) => number): number {
  return rows.filter((row) => broken.has(owner(row))).length;
}

function expectFailed(one: Stage, bad: readonly Row[], known: (row: Row) => boolean): void {
  const lines = one.failed().filter(({ code }) => code !== "CHUNK_FAILED");
  const found = lines.map(({ source, index, line, offset, code, error, attempts }) => {
    return { source, index, line, offset, code, message: error.message, attempts };
  });
  expect(found).toEqual(
    bad.map((row) => {
      const { source, offset, id } = row;
      const at = known(row) ? { index: row.index, line: row.line } : { index: null, line: null };
      return { source, ...at, offset, code: "ITEM_FAILED", message: `row ${id} is bad`, attempts: 1 };
    }),
  );
}

/** The groups count each failed item once, and each chunk that was given up, also after redrives. */
function expectGroups(one: Stage, { failed, broken }: Totals): void {
  const { groups, others } = one.failures() ?? { groups: [], others: 0 };
  const counted: { [code: string]: number } = {};
  for (const { code, count } of groups) counted[code] = (counted[code] ?? 0) + count;
  expect(counted).toEqual({
    ...(failed > 0 ? { ITEM_FAILED: failed } : {}),
    ...(broken > 0 ? { CHUNK_FAILED: broken } : {}),
  });
  expect(others).toBe(0);
}

/** The plan of a batch, and which of its chunks were settled and given up. */
interface Settled {
  readonly chunks: readonly PlannedRange[];
  readonly settled: readonly boolean[];
  readonly broken: ReadonlySet<number>;
  /** The chunk that a row is in. */
  readonly owner: (row: Row) => number;
}

/** Whether every earlier chunk of the row's source was settled and not given up. */
function positionKnown(row: Row, { chunks, settled, broken, owner }: Settled): boolean {
  const own = owner(row);
  const { source } = chunks[own] ?? { source: -1 };
  return chunks.every(
    (range, chunk) =>
      chunk >= own || range.source !== source || (settled[chunk] === true && !broken.has(chunk)),
  );
}

function expectedState(
  { one, cancelled, tolerate: { count, percent } }: Pick<Simulated, "one" | "cancelled" | "tolerate">,
  { bad, counted, broken }: { readonly bad: number; readonly counted: number; readonly broken: number },
): string {
  const ending = one.batch()["ending"];
  if (ending === "cancel") return "cancelled";
  // A cancel that was accepted is never reported as something else.
  expect(cancelled).toBe(false);
  if (ending === "failures") {
    expect(count).not.toBeNull();
    return "failed";
  }
  if (ending === "input") {
    // A planner died again and again, and wrote no entry.
    expect(one.batch()["error"]).toMatchObject({ code: "INPUT_NOT_RESUMABLE" });
    return "failed";
  }
  expect(ending).toBeUndefined();
  const tooMany = (count !== null && bad > count) || (percent !== null && bad * 100 > percent * counted);
  if (tooMany) return "failed";
  return bad + broken > 0 ? "completed-with-failures" : "succeeded";
}

function holds(one: Stage, { source, start, end }: PlannedRange, row: Row): boolean {
  return one.spec.input.sources[source]?.label === row.source && row.offset >= start && row.offset < end;
}

/** The ranges of all generations. The last record of the plan is an END, which has their number. */
function planOf(one: Stage): PlannedRange[] {
  const ranges: PlannedRange[] = [];
  for (let entry = 0, end: number | null = null; ; entry++) {
    const fields = one.ledger.records.get(`plan/${BATCH}/${String(entry).padStart(8, "0")}`);
    if (!fields) {
      expect(end).toBe(ranges.length);
      return ranges;
    }
    const parsed = parseEntry(entry, fields);
    if ("end" in parsed) end = parsed.end;
    else {
      ranges.push(...parsed.ranges);
      end = null;
    }
  }
}

function tagOf(one: Stage, chunk: number): string | null {
  return new NodeView(one.node(0, Math.floor(chunk / FAN_IN)), FAN_IN).tag(chunk % FAN_IN);
}
