/**
 * What can happen next in a state: a message is delivered, a process takes its next step, or a fault strikes.
 */
import { hasEnded } from "../../../src/core/records/batch.ts";
import type { Message } from "../../../src/core/records/message.ts";
import type { Effect, Reply, Task } from "../../../src/core/protocol/task.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { textOf } from "./canonical.ts";
import { batchOf } from "../batch-of.ts";
import { answerLocally, applyTo, delivery, firstTask } from "./world.ts";
import type { Budget, Delivery, Process, State, World } from "./world.ts";

export interface Move {
  readonly name: () => string;
  readonly fault: boolean;
  readonly to: State;
}

/**
 * Every move from a state.
 *
 * Reductions, and why they lose nothing:
 * - Cutting, working, merging and keeping a partial happen in one go with the step before. They touch nothing
 *   that another process can see or change: partials are create-only, under a name that nobody else knows
 *   yet. So they commute with all that others do, and a crash between is a crash before, but for litter that
 *   nothing names.
 * - A delivery happens in one go with the first step, which is a read or an update that is repeated after a
 *   crash.
 * - Acknowledging is a step of its own only while a crash may still come before it; else nobody can tell when
 *   it happened.
 * - A copy of a message is made before its delivery: one that is delivered again in flight, or after it was
 *   acknowledged, is such a copy that is delivered then.
 * - After the end, each process and each message goes on alone: none can bring another to do what it would
 *   not do by itself, because whatever is sent now finds an ended batch, and nobody waits for what others do
 *   to a node. So the first wrong step is one that somebody takes alone.
 */
export function movesFrom(world: World, state: State): Move[] {
  const over = hasEnded(batchOf(state)) && state.left.redrive === 0;
  if (over && state.queue.length + state.running.length > 1) return survivors(state);
  const moves = bundles(world, state).map((taken) => deliver(world, state, taken));
  const met = new Set<string>();
  for (const [place, running] of state.running.entries()) {
    const text = textOf(running);
    if (met.has(text)) continue;
    met.add(text);
    moves.push(stepOf(world, state, place, false), ...crashesOf(state, place));
    if (state.left.lostReply > 0 && isUpdate(world, running.tasks[0]))
      moves.push(stepOf(world, state, place, true));
  }
  return [...moves, ...copies(world, state), ...cancels(world, state), ...redrives(world, state)];
}

function survivors(state: State): Move[] {
  const alone = [
    ...state.running.map((process) => ({ who: process.held, queue: [], running: [process] })),
    ...distinct(state.queue).map((one) => ({ who: [one], queue: [one], running: [] })),
  ];
  return alone.map(({ who, queue, running }) => {
    return { name: () => `only ${describe(who)} goes on`, fault: false, to: { ...state, queue, running } };
  });
}

/**
 * What may be delivered to one process: any message, or several chunks. Alike messages are delivered in one
 * order.
 */
function bundles(world: World, { queue }: State): Delivery[][] {
  const alone = distinct(queue).map((one) => [one]);
  if (world.bundle < 2) return alone;
  const chunks = queue.filter(({ message }) => message.kind === "chunk").toSorted(byText);
  const pairs = chunks.flatMap((one, place) => chunks.slice(place + 1).map((other) => [one, other]));
  return [...alone, ...pairs];
}

function deliver(world: World, state: State, taken: readonly Delivery[]): Move {
  const queue = state.queue.filter((each) => !taken.includes(each));
  const task = firstTask(world, state, taken, `~${state.tags}`);
  const held = world.acknowledges === "first" ? [] : taken;
  const started: Process = { held, tasks: [task], planner: taken[0]?.planner ?? 0, got: [] };
  const { to, reply } = carryOut(world, { ...state, queue, tags: state.tags + 1 }, started, false);
  return { name: () => `deliver ${describe(taken)}: ${task.do}${outcome(reply)}`, fault: false, to };
}

/** The next step of a running process; with `deaf`, it does not hear the reply. */
function stepOf(world: World, state: State, place: number, deaf: boolean): Move {
  const running = without(state.running, place);
  const process = state.running[place];
  if (!process) throw new RangeError(`no process ${place}`);
  const [task] = process.tasks;
  const who = describe(process.held);
  if (!task) return { name: () => `${who} acknowledges`, fault: false, to: { ...state, running } };
  const left = deaf ? { ...state.left, lostReply: state.left.lostReply - 1 } : state.left;
  const { to, reply } = carryOut(world, { ...state, running, left }, process, deaf);
  const place2 = "node" in task ? ` ${task.node.level}/${task.node.index}` : "";
  const lost = deaf ? ", and the reply is lost" : "";
  return { name: () => `${who}: ${task.do}${place2}${outcome(reply)}${lost}`, fault: deaf, to };
}

/** One effect on what is shared, and then all that are local. */
function carryOut(
  world: World,
  from: State,
  process: Process,
  deaf: boolean,
): { to: State; reply: Reply | null } {
  let state = from;
  let { tasks, got } = process;
  let first: Reply | null = null;
  for (let shared = true; ; shared = false) {
    const [task, ...rest] = tasks;
    if (!task) break;
    const effect = world.protocol.effectOf(task);
    if (!shared && !isLocal(effect)) break;
    const answer = answerTo(world, state, effect, process.planner, got);
    state = answer.state;
    if (typeof answer.reply === "string") return { to: { ...state, wrong: answer.reply }, reply: null };
    if ("partly" in answer) {
      got = answer.partly;
      break;
    }
    got = [];
    first ??= answer.reply;
    if (deaf) break;
    tasks = [...world.protocol.follow(task, answer.reply), ...rest];
  }
  const idle = tasks.length === 0 && state.left.crash + state.left.deadLetter === 0;
  const running = idle ? state.running : [...state.running, { ...process, tasks, got }];
  return { to: { ...state, running }, reply: first };
}

type Answer =
  | { state: State; reply: Reply | string }
  | { state: State; reply: null; partly: (Fields | null)[] };

function answerTo(
  world: World,
  state: State,
  effect: Effect,
  planner: number,
  got: readonly (Fields | null)[],
): Answer {
  switch (effect.kind) {
    case "read":
      return read(world, state, effect.keys, got);
    case "update":
      return applyTo(world, state, effect.update);
    case "send": {
      const sent = effect.messages.map((message: Message) => delivery(message));
      return { state: { ...state, queue: [...state.queue, ...sent] }, reply: null };
    }
    case "cut":
    case "survey":
    case "work":
    case "merge":
      return {
        state: { ...state, tags: state.tags + 1 },
        reply: answerLocally(world, state, effect, planner),
      };
  }
}

function read(
  { tornReads }: World,
  state: State,
  keys: readonly string[],
  got: readonly (Fields | null)[],
): Answer {
  const find = (key: string | undefined): Fields | null => state.records.get(key ?? "") ?? null;
  if (tornReads === "no") return { state, reply: keys.map(find) };
  const forwards = tornReads === "forwards";
  const seen = forwards
    ? [...got, find(keys[got.length])]
    : [find(keys[keys.length - 1 - got.length]), ...got];
  return seen.length === keys.length ? { state, reply: seen } : { state, reply: null, partly: seen };
}

export function isLocal(effect: Effect): boolean {
  if (effect.kind === "update") return effect.update.key.startsWith("partial/");
  return effect.kind !== "read" && effect.kind !== "send";
}

function isUpdate(world: World, task: Task | undefined): boolean {
  return task !== undefined && world.protocol.effectOf(task).kind === "update";
}

function crashesOf(state: State, place: number): Move[] {
  const process = state.running[place];
  if (!process) return [];
  const back = (held: readonly Delivery[], left: Budget): State => {
    const others = without(state.running, place);
    const running =
      left.crash + left.deadLetter > 0 ? others : others.filter(({ tasks }) => tasks.length > 0);
    return { ...state, left, running, queue: [...state.queue, ...held] };
  };
  const moves: Move[] = [];
  const { crash, deadLetter } = state.left;
  if (crash > 0) {
    const held = process.held.map((each) => ({ ...each, again: each.message.kind === "chunk" }));
    const to = back(held, { ...state.left, crash: crash - 1 });
    moves.push({ name: () => `${describe(process.held)} crashes`, fault: true, to });
  }
  if (deadLetter > 0 && process.held[0]?.message.kind === "chunk") {
    const held = process.held.map(({ message }) => {
      return message.kind === "chunk" ? delivery({ kind: "give-up", of: message }) : delivery(message);
    });
    const to = back(held, { ...state.left, deadLetter: deadLetter - 1 });
    moves.push({ name: () => `${describe(process.held)} dies for the last time`, fault: true, to });
  }
  return moves;
}

/** A copy that the queue knows nothing of, or one that it counts as delivered again. */
function copies(world: World, state: State): Move[] {
  if (state.left.duplicate === 0) return [];
  const left = { ...state.left, duplicate: state.left.duplicate - 1 };
  return distinct(state.queue).flatMap((one) => {
    if (one.again || !world.copies.includes(one.message.kind)) return [];
    const twins = one.message.kind === "chunk" ? [one, { ...one, again: true }] : [{ ...one }];
    return twins.map((twin) => ({
      name: () => `a copy of ${describe([twin])}${twin.again ? ", marked as such" : ""}`,
      fault: true,
      to: { ...state, left, queue: [...state.queue, { ...twin }] },
    }));
  });
}

function cancels(world: World, state: State): Move[] {
  if (state.left.cancel === 0) return [];
  const left = { ...state.left, cancel: state.left.cancel - 1 };
  const move = deliver(world, { ...state, left }, [delivery({ kind: "cancel" })]);
  return [{ ...move, fault: true }];
}

function redrives(world: World, state: State): Move[] {
  if (state.left.redrive === 0 || !hasEnded(batchOf(state))) return [];
  const left = { ...state.left, redrive: state.left.redrive - 1 };
  const move = deliver(world, { ...state, left }, [delivery({ kind: "redrive" })]);
  return [{ ...move, fault: true }];
}

function distinct(queue: readonly Delivery[]): Delivery[] {
  const met = new Map<string, Delivery>();
  for (const one of queue) met.set(textOf(one), one);
  return [...met.values()];
}

function byText(a: Delivery, b: Delivery): number {
  return textOf(a) < textOf(b) ? -1 : 1;
}

function without<T>(all: readonly T[], place: number): T[] {
  return all.filter((_, other) => other !== place);
}

function describe(held: readonly Delivery[]): string {
  return held
    .map(({ message, planner }) => {
      if (message.kind === "plan") return `planner ${planner}`;
      if (message.kind === "chunk") return `chunk ${message.chunk}`;
      if (message.kind === "give-up") return `dead chunk ${message.of.chunk}`;
      return !("node" in message)
        ? message.kind
        : `${message.kind} ${message.node.level}/${message.node.index}`;
    })
    .join(" + ");
}

function outcome(reply: Reply | null): string {
  if (reply === null || !("applied" in reply)) return "";
  return reply.applied ? " (applied)" : ` (refused: ${JSON.stringify(reply.record)})`;
}
