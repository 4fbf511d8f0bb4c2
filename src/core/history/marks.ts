/** The marks of a timeline: one for each attempt while there are few, then cells and the unusual ones. */
import { Cells } from "./cells.ts";
import type { Mark, Timeline } from "./history.ts";
import { UnusualMarks } from "./unusual.ts";

/** More attempts than that are drawn as cells. */
export const MAX_EXACT = 1600;

export class Marks {
  #exact: Mark[] | null = [];
  readonly #cells = new Cells();
  readonly #unusual = new UnusualMarks();
  #lanes: string[] = [];

  /** The number of the lane with this name. */
  lane(name: string): number {
    const known = this.#lanes.indexOf(name);
    return known >= 0 ? known : this.#lanes.push(name) - 1;
  }

  /** An attempt that is over, or a merge. */
  add(mark: Mark): void {
    if (this.#exact) {
      this.#exact.push(mark);
      if (this.#exact.length <= MAX_EXACT) return;
      const all = this.#exact;
      this.#exact = null;
      for (const one of all) this.#addUp(one);
    } else this.#addUp(mark);
  }

  #addUp(mark: Mark): void {
    this.#unusual.add(mark);
    if (mark[3] !== "merge") this.#cells.add(mark);
  }

  /** `running`: the marks of attempts that are not over. */
  timeline(running: readonly Mark[]): Timeline {
    if (this.#exact) return { form: "exact", lanes: [...this.#lanes], marks: [...this.#exact, ...running] };
    const { perLane, column } = this.#cells;
    const united = Array.from({ length: Math.ceil(this.#lanes.length / perLane) }, (_, place) =>
      nameOfLanes(this.#lanes.slice(place * perLane, (place + 1) * perLane)),
    );
    const marks = [...this.#unusual.marks, ...running].map(([lane, ...rest]): Mark => [
      Math.floor(lane / perLane),
      ...rest,
    ]);
    return { form: "cells", lanes: united, perLane, column, cells: this.#cells.cells(), marks };
  }

  /** Goes on with a timeline of an earlier process, whose threads are gone. */
  restore(timeline: Timeline): void {
    if (timeline.form === "exact") {
      this.#lanes = [...timeline.lanes];
      for (const mark of timeline.marks) if (mark[2] !== null) this.add(mark);
      return;
    }
    this.#exact = null;
    this.#cells.restore(timeline.perLane, timeline.column, timeline.cells);
    for (const [lane, ...rest] of timeline.marks)
      if (rest[1] !== null) this.#unusual.add([lane * timeline.perLane, ...rest]);
  }
}

function nameOfLanes(names: readonly string[]): string {
  const [first = "", last = first] = [names[0], names.at(-1)];
  if (first === last) return first;
  const [, word = "", from] = /^(.*?) ?(\d+)$/.exec(first) ?? [];
  const [, , to] = /^(.*?) ?(\d+)$/.exec(last) ?? [];
  return from === undefined || to === undefined ? `${first} to ${last}` : `${word}s ${from} to ${to}`;
}
