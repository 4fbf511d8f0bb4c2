/**
 * A small explicit-state model checker. It runs the same tasks as the functions, one effect at a time, in
 * every order, with faults in between. It checks every reachable state. States that differ only in the names
 * of tags are one state.
 */
import { hasEnded } from "../../../src/core/records/batch/batch.ts";
import { whatIsWrong } from "./invariants.ts";
import { movesFrom } from "./world/moves.ts";
import { canonical } from "./world/canonical.ts";
import { batchOf } from "../batch-of.ts";
import { firstState } from "./world/world.ts";
import type { State, World } from "./world/world.ts";

export interface Report {
  readonly states: number;
  readonly moves: number;
  /** States in which the batch has ended. */
  readonly ended: number;
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | null;
}

/** The world has more states than it was to have. Those that were reached keep the invariants. */
export class TooManyStates extends Error {
  override readonly name = "TooManyStates";
  readonly states: number;

  constructor(states: number) {
    super(`more than ${states} states`);
    this.states = states;
  }
}

/** Explores breadth first, so a violation comes with a shortest trace. */
export function explore(world: World, maxStates = 1_000_000): Report {
  const first = firstState(world);
  /** The states by their canonical form. */
  const ids = new Map<string, number>([[canonical(first), 0]]);
  /** By state: from which state it was first reached, and by which of that state's moves. */
  const parents = [0];
  const via = [0];
  const ended: number[] = [];
  /** The moves that are not faults: from which state to which. */
  const from: number[] = [];
  const to: number[] = [];
  let moves = 0;
  const report = (id: number, what: string | null, last?: string): Report => {
    const trace =
      what === null
        ? []
        : [...traceTo({ world, first, parents, via }, id), ...(last === undefined ? [] : [last])];
    return {
      states: ids.size,
      moves,
      ended: ended.length,
      violation: what === null ? null : { what, trace },
    };
  };

  let layer: { id: number; state: State }[] = [{ id: 0, state: first }];
  while (layer.length > 0) {
    const next: typeof layer = [];
    for (const { id, state } of layer) {
      const over = hasEnded(batchOf(state));
      if (over) ended.push(id);
      const found = movesFrom(world, state);
      if (!over && found.every(({ fault }) => fault))
        return report(id, "nothing can happen any more, and the batch has not ended");
      for (const [index, move] of found.entries()) {
        moves++;
        const key = canonical(move.to);
        const known = ids.get(key);
        const target = known ?? ids.size;
        const what = known === undefined ? whatIsWrong(world, move.to) : null;
        if (what !== null) return report(id, what, move.name());
        if (known === undefined) {
          ids.set(key, target);
          parents.push(id);
          via.push(index);
          next.push({ id: target, state: move.to });
        }
        if (!move.fault) {
          from.push(id);
          to.push(target);
        }
      }
    }
    if (ids.size > maxStates) throw new TooManyStates(ids.size);
    layer = next;
  }
  const stuck = firstStuck(ids.size, from, to, ended);
  return stuck === null
    ? report(0, null)
    : report(stuck, "without another fault, the end cannot be reached from here");
}

interface Reached {
  readonly world: World;
  readonly first: State;
  readonly parents: readonly number[];
  readonly via: readonly number[];
}

/** The names of the moves that lead to state `id`. States are not kept, so the moves are made again. */
function traceTo({ world, first, parents, via }: Reached, id: number): string[] {
  const indexes: number[] = [];
  for (let at = id; at !== 0; at = parents[at] ?? 0) indexes.unshift(via[at] ?? 0);
  let state = first;
  return indexes.map((index) => {
    const move = movesFrom(world, state)[index];
    if (!move) throw new Error("the trace cannot be repeated");
    state = move.to;
    return move.name();
  });
}

/** The first state from which no end can be reached, if there is one. Walks backwards from all ends. */
function firstStuck(
  states: number,
  from: readonly number[],
  to: readonly number[],
  ended: readonly number[],
): number | null {
  // The moves into state s are those at starts[s] … starts[s + 1] − 1 of `sources`.
  const starts = new Uint32Array(states + 1);
  for (const target of to) starts[target + 1] = (starts[target + 1] ?? 0) + 1;
  for (let state = 0; state < states; state++)
    starts[state + 1] = (starts[state + 1] ?? 0) + (starts[state] ?? 0);
  const sources = new Uint32Array(to.length);
  const filled = starts.slice();
  for (const [move, target] of to.entries()) {
    const index = filled[target] ?? 0;
    sources[index] = from[move] ?? 0;
    filled[target] = index + 1;
  }
  const reaches = new Uint8Array(states);
  const open = [...ended];
  for (const id of open) reaches[id] = 1;
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const source of sources.subarray(starts[id], starts[id + 1])) {
      if (reaches[source] === 1) continue;
      reaches[source] = 1;
      open.push(source);
    }
  }
  const stuck = reaches.indexOf(0);
  return stuck === -1 ? null : stuck;
}
