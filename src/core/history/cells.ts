/**
 * What workers did in which time, as sums: lanes of some workers each, columns of time. Both become wider.
 */
import { TRIED_AGAIN } from "./history.ts";
import type { Cell, Mark } from "./history.ts";

export const MAX_LANES = 40;
export const MAX_COLUMNS = 40;

interface Sums {
  chunks: number;
  busyMs: number;
  items: number;
  failed: number;
  triedAgain: number;
  slowestMs: number;
  slowestChunk: number;
}

const NOTHING: Readonly<Sums> = {
  chunks: 0,
  busyMs: 0,
  items: 0,
  failed: 0,
  triedAgain: 0,
  slowestMs: 0,
  slowestChunk: 0,
};

const FIRST_COLUMN_MS = 50;

export class Cells {
  perLane = 1;
  column = FIRST_COLUMN_MS;
  /** By lane × MAX_COLUMNS + column. */
  #cells = new Map<number, Sums>();

  /** A settled attempt. Its time is spread over the columns, and it counts in the one where it ended. */
  add(mark: Mark): void {
    const [lane, from] = mark;
    const end = mark[2] ?? from;
    this.#reach(lane, end);
    const place = Math.floor(lane / this.perLane);
    const last = Math.floor(end / this.column);
    for (let column = Math.floor(from / this.column); column < last; column++) {
      const begin = column * this.column;
      this.#at(place, column).busyMs += begin + this.column - Math.max(from, begin);
    }
    const cell = this.#at(place, last);
    cell.busyMs += Math.max(0, end - Math.max(from, last * this.column));
    cell.chunks++;
    cell.items += mark[5];
    cell.failed += mark[6];
    if ((mark[8] & TRIED_AGAIN) !== 0) cell.triedAgain++;
    slower(cell, end - from, mark[4]);
  }

  #at(lane: number, column: number): Sums {
    const key = lane * MAX_COLUMNS + column;
    const known = this.#cells.get(key);
    if (known) return known;
    const made = { ...NOTHING };
    this.#cells.set(key, made);
    return made;
  }

  #reach(lane: number, at: number): void {
    while (lane / this.perLane >= MAX_LANES) this.#coarsen(2, 1);
    while (at / this.column >= MAX_COLUMNS) this.#coarsen(1, 2);
  }

  #coarsen(lanes: number, columns: number): void {
    const finer = this.#cells;
    this.#cells = new Map();
    this.perLane *= lanes;
    this.column *= columns;
    for (const [key, sums] of finer) {
      const lane = Math.floor(Math.floor(key / MAX_COLUMNS) / lanes);
      const cell = this.#at(lane, Math.floor((key % MAX_COLUMNS) / columns));
      cell.chunks += sums.chunks;
      cell.busyMs += sums.busyMs;
      cell.items += sums.items;
      cell.failed += sums.failed;
      cell.triedAgain += sums.triedAgain;
      slower(cell, sums.slowestMs, sums.slowestChunk);
    }
  }

  cells(): readonly Cell[] {
    return [...this.#cells]
      .toSorted(([a], [b]) => a - b)
      .map(([key, { chunks, busyMs, items, failed, triedAgain, slowestMs, slowestChunk }]): Cell => {
        const lane = Math.floor(key / MAX_COLUMNS);
        const busy = Math.round(busyMs);
        return [
          lane,
          key % MAX_COLUMNS,
          chunks,
          busy,
          items,
          failed,
          triedAgain,
          Math.round(slowestMs),
          slowestChunk,
        ];
      });
  }

  restore(perLane: number, column: number, cells: readonly Cell[]): void {
    this.perLane = perLane;
    this.column = column;
    for (const [lane, place, chunks, busyMs, items, failed, triedAgain, slowestMs, slowestChunk] of cells) {
      const sums = { chunks, busyMs, items, failed, triedAgain, slowestMs, slowestChunk };
      this.#cells.set(lane * MAX_COLUMNS + place, sums);
    }
  }
}

/** Of equally slow ones the lowest number, so that the order of arrival makes no difference. */
function slower(cell: Sums, ms: number, chunk: number): void {
  if (ms < cell.slowestMs || (ms === cell.slowestMs && ms > 0 && chunk >= cell.slowestChunk)) return;
  if (ms === 0 && cell.slowestMs > 0) return;
  cell.slowestMs = ms;
  cell.slowestChunk = chunk;
}
