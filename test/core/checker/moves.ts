/** The moves from a state: a message is delivered, a process takes its next step, or a fault happens. */
import { hasEnded } from "../../../src/core/records/batch.ts";
import type { Message } from "../../../src/core/records/message.ts";
import type { Effect, Reply, Task } from "../../../src/core/protocol/task.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { textOf } from "./canonical.ts";
import { batchOf } from "../batch-of.ts";
import { pauses, resumes } from "./pausing.ts";
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
 * There are fewer moves than possible orders. Why these reductions lose nothing:
 * - Cutting, working, merging and keeping a partial are one move with the step before. They touch nothing
 *   that another process can see or change: a partial is create-only, and no other process knows its name
 *   yet. So they commute with the steps of all other processes. A crash in between is like a crash before,
 *   except for an orphan that nothing names.
 * - A delivery is one move with the first step, which is a read or an update. After a crash it is repeated.
 * - To acknowledge is a move of its own only while a crash may still happen before it. If not, no process can
 *   tell when it happened.
 * - A copy of a message is made before its delivery. If a message is delivered again while it is processed,
 *   or after it was acknowledged, that is such a copy, delivered later.
 * - After the end, each process and each message goes on alone. Messages that are sent now find an ended
 *   batch, and no process waits for the steps of another one. So the first wrong step is also possible alone.
 */
export function movesFrom(world: World, state: State): Move[] {
  const over = hasEnded(batchOf(state)) && state.left.redrive === 0;
  if (over && state.queue.length + state.running.length > 1) return survivors(state);
  const commands = (at: State, kind: "pause" | "resume"): Move => deliver(world, at, [delivery({ kind })]);
  const moves = bundles(world, state).map((taken) => deliver(world, state, taken));
  const texts = new Set<string>();
  for (const [index, running] of state.running.entries()) {
    const text = textOf(running);
    if (texts.has(text)) continue;
    texts.add(text);
    moves.push(stepOf(world, state, index, false), ...crashesOf(world, state, index));
    if (state.left.lostReply > 0 && isUpdate(world, running.tasks[0]))
      moves.push(stepOf(world, state, index, true));
  }
  return [
    ...moves,
    ...copies(world, state),
    ...losses(state),
    ...cancels(world, state),
    ...redrives(world, state),
    ...pauses(state, commands),
    ...resumes(state, commands),
    ...sweeps(world, state),
  ];
}

function survivors(state: State): Move[] {
  const alone = [
    ...state.running.map((process) => ({ who: process.held, queue: [], running: [process] })),
    ...distinct(state.queue).map((one) => ({ who: [one], queue: [one], running: [] })),
  ];
  return alone.map(({ who, queue, running }) => {
    return { name: () => `only ${nameOf(who)} goes on`, fault: false, to: { ...state, queue, running } };
  });
}

/**
 * The deliveries to one process: one message, or several chunks. Equal messages are delivered in one order.
 */
function bundles(world: World, { queue }: State): Delivery[][] {
  const alone = distinct(queue).map((one) => [one]);
  if (world.bundle < 2) return alone;
  const chunks = queue.filter(({ message }) => message.kind === "chunk").toSorted(inTextOrder);
  const pairs = chunks.flatMap((one, index) => chunks.slice(index + 1).map((other) => [one, other]));
  return [...alone, ...pairs];
}

function deliver(world: World, state: State, taken: readonly Delivery[]): Move {
  const queue = state.queue.filter((each) => !taken.includes(each));
  const task = firstTask(world, state, taken, `~${state.tags}`);
  const held = world.acknowledges === "first" ? [] : taken;
  const started: Process = { held, tasks: [task], planner: taken[0]?.planner ?? 0, got: [] };
  const { to, reply } = carryOut(world, { ...state, queue, tags: state.tags + 1 }, started, false);
  return { name: () => `deliver ${nameOf(taken)}: ${task.do}${outcome(reply)}`, fault: false, to };
}

/** The next step of a running process. `deaf`: the reply is lost. */
function stepOf(world: World, state: State, index: number, deaf: boolean): Move {
  const running = without(state.running, index);
  const process = state.running[index];
  if (!process) throw new RangeError(`no process ${index}`);
  const [task] = process.tasks;
  const who = nameOf(process.held);
  if (!task) return { name: () => `${who} acknowledges`, fault: false, to: { ...state, running } };
  const left = deaf ? { ...state.left, lostReply: state.left.lostReply - 1 } : state.left;
  const { to, reply } = carryOut(world, { ...state, running, left }, process, deaf);
  const at = "node" in task ? ` ${task.node.level}/${task.node.index}` : "";
  const lost = deaf ? ", and the reply is lost" : "";
  return { name: () => `${who}: ${task.do}${at}${outcome(reply)}${lost}`, fault: deaf, to };
}

/** Carries out one effect on shared state, and then all local effects that follow. */
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
    const answer = answerTo(world, state, effect, { planner: process.planner, got });
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
  { planner, got }: Pick<Process, "planner" | "got">,
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
    case "lost":
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
  const records = forwards
    ? [...got, find(keys[got.length])]
    : [find(keys[keys.length - 1 - got.length]), ...got];
  return records.length === keys.length ? { state, reply: records } : { state, reply: null, partly: records };
}

export function isLocal(effect: Effect): boolean {
  if (effect.kind === "update") return effect.update.key.startsWith("partial/");
  return effect.kind !== "read" && effect.kind !== "send";
}

function isUpdate(world: World, task: Task | undefined): boolean {
  return task !== undefined && world.protocol.effectOf(task).kind === "update";
}

function crashesOf({ sweeps: hasSweeper }: World, state: State, index: number): Move[] {
  const process = state.running[index];
  if (!process) return [];
  const back = (held: readonly Delivery[], left: Budget): State => {
    const others = without(state.running, index);
    const running =
      left.crash + left.deadLetter > 0 ? others : others.filter(({ tasks }) => tasks.length > 0);
    return { ...state, left, running, queue: [...state.queue, ...held] };
  };
  const moves: Move[] = [];
  const { crash, deadLetter } = state.left;
  if (crash > 0) {
    const held = process.held
      .filter(({ message: { kind } }) => kind !== "sweep" && !(hasSweeper && isCommand(kind)))
      .map((each) => ({ ...each, again: each.message.kind === "chunk" }));
    const to = back(held, { ...state.left, crash: crash - 1 });
    moves.push({ name: () => `${nameOf(process.held)} crashes`, fault: true, to });
  }
  if (deadLetter > 0 && process.held[0]?.message.kind === "chunk") {
    const held = process.held.map(({ message }) => {
      return message.kind === "chunk" ? delivery({ kind: "give-up", of: message }) : delivery(message);
    });
    const to = back(held, { ...state.left, deadLetter: deadLetter - 1 });
    moves.push({ name: () => `${nameOf(process.held)} dies for the last time`, fault: true, to });
  }
  return moves;
}

function isCommand(kind: Delivery["message"]["kind"]): boolean {
  return kind === "cancel" || kind === "redrive" || kind === "pause" || kind === "resume";
}

/** Copies of messages. A copy may be marked as delivered before, or not. */
function copies(world: World, state: State): Move[] {
  if (state.left.duplicate === 0) return [];
  const left = { ...state.left, duplicate: state.left.duplicate - 1 };
  return distinct(state.queue).flatMap((one) => {
    if (one.again || !world.copies.includes(one.message.kind)) return [];
    const twins = one.message.kind === "chunk" ? [one, { ...one, again: true }] : [{ ...one }];
    return twins.map((twin) => ({
      name: () => `a copy of ${nameOf([twin])}${twin.again ? ", marked as such" : ""}`,
      fault: true,
      to: { ...state, left, queue: [...state.queue, { ...twin }] },
    }));
  });
}

function losses(state: State): Move[] {
  if (state.left.lost === 0) return [];
  const left = { ...state.left, lost: state.left.lost - 1 };
  return distinct(state.queue).map((one) => ({
    name: () => `${nameOf([one])} is lost`,
    fault: true,
    to: { ...state, left, queue: state.queue.filter((each) => each !== one) },
  }));
}

/** The sweeper runs once a minute, and looks for what has not moved on for long. */
function sweeps(world: World, state: State): Move[] {
  const isQuiet = state.queue.length === 0 && state.running.every(({ tasks }) => tasks.length === 0);
  if (!world.sweeps || !isQuiet || hasEnded(batchOf(state))) return [];
  return [deliver(world, state, [delivery({ kind: "sweep" })])];
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
  const byText = new Map(queue.map((one) => [textOf(one), one]));
  return [...byText.values()];
}

function inTextOrder(a: Delivery, b: Delivery): number {
  return textOf(a) < textOf(b) ? -1 : 1;
}

function without<T>(all: readonly T[], index: number): T[] {
  return all.filter((_, other) => other !== index);
}

function nameOf(held: readonly Delivery[]): string {
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
