/** Checks a simulated batch: its outcome has to follow, row by row, from the rows of its settled chunks. */
import { expect } from "vitest";
import type { FailedLine } from "../../src/core/failures/failed-line.ts";
import { unitsIn } from "../../src/core/records/source-run.ts";
import type { Totals } from "../../src/core/records/totals.ts";
import type { Stage } from "../steps/stage.ts";
import { resultOf } from "./everyday.ts";
import type { Row } from "./input.ts";
import { holds, piecesOf } from "./pieces.ts";
import type { Piece } from "./pieces.ts";
import type { Ran, Simulated } from "./simulate.ts";

export function check({ one, input, cancelled, joinIsGivenUp, tolerate }: Simulated): void {
  const unexpected = one.log.filter((line) => !line.startsWith("Death"));
  expect(unexpected).toEqual([]);
  expect(one.ended()).toBe(true);
  const batch = one.batch();
  const { pieces, chunks, lost } = piecesOf(one);
  if (joinIsGivenUp && hasNoResult(one)) return expect(batch["totals"]).toMatchObject({ chunks, lost });
  const broken = brokenPieces(one, pieces, input.rows);
  const owner = (row: Row): number => pieces.findIndex((range) => holds(one, range, row));
  const counted = input.rows.filter((row) => {
    const piece = owner(row);
    return pieces[piece]?.settled === true && !broken.has(piece);
  });
  const good = counted.filter(({ fails }) => !fails);
  const bad = counted.filter(({ fails }) => fails);

  const whole = batch["ending"] === undefined;
  if (whole) expect(counted.length + rowsOf(broken, input.rows, owner)).toBe(input.rows.length);
  const totals = batch["totals"] as unknown as Totals;
  expect(totals).toMatchObject({
    chunks,
    lost,
    broken: broken.size,
    succeeded: good.length,
    failed: bad.length,
  });
  expectResult(one, input, good);
  expect(one.outputs()).toEqual(good.map(({ id }) => id));
  expectFailed(one, bad, (row) => positionKnown(row, { pieces, broken, owner }));
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
export function checkRedriven({ one, input, ...first }: Simulated, { cancelled, joinIsGivenUp }: Ran): void {
  expect(one.log.filter((line) => !line.startsWith("Death"))).toEqual([]);
  expect(one.ended()).toBe(true);
  const batch = one.batch();
  const totals = batch["totals"] as unknown as Totals;
  const { pieces, chunks, lost } = piecesOf(one);
  // A redrive that was not prepared leaves the batch as it was.
  if ((first.joinIsGivenUp || joinIsGivenUp) && hasNoResult(one))
    return expect(totals).toMatchObject({ chunks, lost });
  const failed = one.failed().filter(({ code }) => code !== "CHUNK_FAILED");
  const broken = brokenPieces(one, pieces, input.rows);
  const isFailed = (row: Row): boolean =>
    failed.some(({ source, offset }) => source === row.source && offset === row.offset);
  const owned = input.rows.filter((row) => {
    const piece = pieces.findIndex((range) => holds(one, range, row));
    return pieces[piece]?.settled === true && !broken.has(piece);
  });
  const good = owned.filter((row) => !isFailed(row));
  expect(good.length + failed.length).toBe(owned.length);
  expect(owned.every((row) => !isFailed(row) || row.fails)).toBe(true);
  expect(totals).toMatchObject({
    chunks,
    lost,
    broken: broken.size,
    succeeded: good.length,
    failed: failed.length,
  });
  if (batch["ending"] === undefined && batch["error"] === null) {
    expect(totals.lost).toBe(0);
    expect(input.rows.filter((row) => !pieces.some((range) => holds(one, range, row)))).toEqual([]);
  }
  expectGroups(one, totals);
  if (cancelled) expect(batch["state"]).toBe("cancelled");
  expectResult(one, input, good);
  expect(one.outputs()).toEqual(good.map(({ id }) => id));
}

/** A join was given up. Was it the root's, failed items are lost with the result until a redrive. */
function hasNoResult(one: Stage): boolean {
  const { result, state, error } = one.batch();
  if (one.result() !== undefined) return false;
  expect((result as { readonly result: unknown } | null)?.result ?? null).toBeNull();
  expect(["failed", "cancelled"]).toContain(state);
  expect(error).not.toBeNull();
  return true;
}

function expectResult(one: Stage, { inputs }: Simulated["input"], good: readonly Row[]): void {
  const found = one.result() as { readonly [name: string]: unknown };
  expect(found).toMatchObject({ order: good.map(({ id }) => `${id},`).join(""), all: good.length });
  if (Object.keys(found).length > 2) expect(found).toEqual(resultOf(good, Object.keys(inputs)));
}

/**
 * The places of the pieces that were given up. The line of a run has its size for a range, so parts of one
 * may have the same: then it is one without any row that counts.
 */
function brokenPieces(one: Stage, pieces: readonly Piece[], rows: readonly Row[]): ReadonlySet<number> {
  const lines = one.failed().filter(({ code }) => code === "CHUNK_FAILED");
  const counted = new Set([...one.outputs(), ...one.failed().map((line) => idOf(line, rows))]);
  const places = new Set<number>();
  for (const { source, range, chunk } of lines) {
    const place = pieces.findIndex((piece, number) => {
      const { label } = one.spec.input.sources[piece.source] ?? {};
      if (label !== source || chunk !== piece.chunk || places.has(number)) return false;
      if (piece.run === undefined) return piece.start === range?.start && piece.end === range.end;
      const isEmpty = !rows.some((row) => counted.has(row.id) && holds(one, piece, row));
      return range?.start === 0 && range.end === unitsIn(piece) && piece.settled && isEmpty;
    });
    expect(place).not.toBe(-1);
    places.add(place);
  }
  return places;
}

function idOf({ source, offset }: FailedLine, rows: readonly Row[]): string | undefined {
  return rows.find((row) => row.source === source && row.offset === offset)?.id;
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

/** The pieces of a batch, and which of them were given up. */
interface Settled {
  readonly pieces: readonly Piece[];
  readonly broken: ReadonlySet<number>;
  /** The piece that a row is in. */
  readonly owner: (row: Row) => number;
}

/** Whether every earlier piece of the row's source was settled and not given up. */
function positionKnown(row: Row, { pieces, broken, owner }: Settled): boolean {
  const own = owner(row);
  const { source, run } = pieces[own] ?? { source: -1 };
  // Every source begins within its run.
  if (run !== undefined) return true;
  return pieces.every(
    (range, piece) => piece >= own || range.source !== source || (range.settled && !broken.has(piece)),
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
  // A chunk that was given up counts as one failed item.
  const tooMany =
    (count !== null && bad + broken > count) || (percent !== null && bad * 100 > percent * counted);
  if (tooMany) return "failed";
  return bad + broken > 0 ? "completed-with-failures" : "succeeded";
}
