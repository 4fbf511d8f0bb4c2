/** The moves from a state: a message is delivered, a process takes its next step, or a fault happens. */
import { hasEnded } from "../../../../src/core/records/batch/batch.ts";
import { workName } from "../../../../src/core/records/message.ts";
import type { Reply, Task } from "../../../../src/core/protocol/task.ts";
import { textOf } from "./canonical.ts";
import { batchOf } from "../../batch-of.ts";
import { timesUp } from "../splitting/splits.ts";
import type { TimeUp } from "../splitting/splits.ts";
import { carryOut, comesAgain } from "./carry-out.ts";
import type { StepFault } from "./carry-out.ts";
import { looks } from "../hedging/hedges.ts";
import { pauses, resumes } from "../pausing/pausing.ts";
import { delivery, firstTask, isWork } from "./world.ts";
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
 * - To acknowledge is a move of its own only while a crash may still happen before it, after which the
 *   message comes again. If not, no process can tell when it happened.
 * - To send is one move with the step before, once no crash may happen in between. No process can tell a
 *   message that is not sent yet from one that is not delivered yet.
 * - A copy of a message is made before its delivery. If a message is delivered again while it is processed,
 *   or after it was acknowledged, that is such a copy, delivered later.
 * - After the end, each process and each message goes on alone. Messages that are sent now find an ended
 *   batch, and no process waits for the steps of another one. So the first wrong step is also possible alone.
 */
export function movesFrom(world: World, state: State): Move[] {
  const over = hasEnded(batchOf(state)) && state.left.redrive === 0;
  if (over && state.queue.length + state.running.length > 1) return survivors(state);
  const commands = (at: State, kind: "pause" | "resume"): Move => deliver(world, at, [delivery({ kind })]);
  const moves = bundles(world, state).flatMap((taken) => [
    deliver(world, state, taken),
    ...timesUpIn(world, state, taken).map((timeUp) => deliver(world, state, taken, timeUp)),
  ]);
  const texts = new Set<string>();
  for (const [index, running] of state.running.entries()) {
    const text = textOf(running);
    if (texts.has(text)) continue;
    texts.add(text);
    moves.push(stepOf(world, state, index), ...crashesOf(world, state, index));
    for (const timeUp of timesUpIn(world, state, startsWith(running)))
      moves.push(stepOf(world, state, index, { timeUp }));
    if (state.left.lostReply > 0 && isUpdate(world, running.tasks[0]))
      moves.push(stepOf(world, state, index, { isDeaf: true }));
  }
  return [
    ...moves.filter((move) => move !== null),
    ...copies(world, state),
    ...losses(state),
    ...cancels(world, state),
    ...redrives(world, state),
    ...pauses(state, commands),
    ...resumes(state, commands),
    ...looks(world, state, (at, message) => deliver(world, at, [delivery(message)])),
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
  const chunks = queue.filter(isWork).toSorted(inTextOrder);
  const pairs = chunks.flatMap((one, index) => chunks.slice(index + 1).map((other) => [one, other]));
  return [...alone, ...pairs];
}

/** The ways in which the time may be up while these messages are worked on. */
function timesUpIn(world: World, state: State, taken: readonly Delivery[]): TimeUp[] {
  if (state.left.timeUp === 0) return [];
  return timesUp(
    world,
    state,
    taken.filter(isWork).map(({ message }) => message),
  );
}

/** The messages of a process that may begin to work on them with its next step. */
function startsWith({ tasks: [task], held }: Process): readonly Delivery[] {
  return task?.do === "start" ? held : [];
}

function deliver(world: World, state: State, taken: readonly Delivery[]): Move;
function deliver(world: World, state: State, taken: readonly Delivery[], timeUp: TimeUp): Move | null;
function deliver(
  world: World,
  state: State,
  taken: readonly Delivery[],
  timeUp: TimeUp | null = null,
): Move | null {
  const queue = state.queue.filter((each) => !taken.includes(each));
  const task = firstTask(world, state, taken);
  const held = world.acknowledges === "first" ? [] : taken;
  const started: Process = { held, tasks: [task], planner: taken[0]?.planner ?? 0, got: [] };
  const carried = carryOut(world, { ...state, queue, tags: state.tags + 1 }, started, { timeUp });
  if (!carried) return null;
  const { to, reply } = carried;
  const late = timeUp ? `, and the time is up: ${JSON.stringify(timeUp)}` : "";
  const name = (): string => `deliver ${nameOf(taken)}: ${task.do}${outcome(reply)}${late}`;
  return { name, fault: timeUp !== null, to };
}

/** The next step of a running process; `null` if the fault cannot happen in it. */
function stepOf(world: World, state: State, index: number, fault: StepFault = {}): Move | null {
  const running = without(state.running, index);
  const process = state.running[index];
  if (!process) throw new RangeError(`no process ${index}`);
  const [task] = process.tasks;
  const who = nameOf(process.held);
  if (!task) return { name: () => `${who} acknowledges`, fault: false, to: { ...state, running } };
  const { isDeaf = false, timeUp = null } = fault;
  const left = isDeaf ? { ...state.left, lostReply: state.left.lostReply - 1 } : state.left;
  const carried = carryOut(world, { ...state, running, left }, process, fault);
  if (!carried) return null;
  const { to, reply } = carried;
  const at = "node" in task ? ` ${task.node.level}/${task.node.index}` : "";
  const lost = isDeaf ? ", and the reply is lost" : "";
  const late = timeUp ? `, and the time is up: ${JSON.stringify(timeUp)}` : "";
  const name = (): string => `${who}: ${task.do}${at}${outcome(reply)}${lost}${late}`;
  return { name, fault: isDeaf || timeUp !== null, to };
}

function isUpdate(world: World, task: Task | undefined): boolean {
  return task !== undefined && world.protocol.effectOf(task).kind === "update";
}

function crashesOf(world: World, state: State, index: number): Move[] {
  const { givesUp } = world;
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
      .filter((each) => comesAgain(world, each))
      .map((each) => ({ ...each, again: isWork(each) }));
    const to = back(held, { ...state.left, crash: crash - 1 });
    moves.push({ name: () => `${nameOf(process.held)} crashes`, fault: true, to });
  }
  if (deadLetter > 0 && isWork(process.held[0])) {
    const mayGiveUp = ({ message: { kind } }: Delivery): boolean =>
      kind !== "hedge" || givesUp === "hedges too";
    const held = process.held.filter(mayGiveUp).map((one) => {
      return isWork(one) ? delivery({ kind: "give-up", of: one.message }) : delivery(one.message);
    });
    const to = back(held, { ...state.left, deadLetter: deadLetter - 1 });
    moves.push({ name: () => `${nameOf(process.held)} dies for the last time`, fault: true, to });
  }
  return moves;
}

/** Copies of messages. A copy may be marked as delivered before, or not. */
function copies(world: World, state: State): Move[] {
  if (state.left.duplicate === 0) return [];
  const left = { ...state.left, duplicate: state.left.duplicate - 1 };
  return distinct(state.queue).flatMap((one) => {
    if (one.again || !world.copies.includes(one.message.kind)) return [];
    const twins =
      one.message.kind === "chunk" || one.message.kind === "part"
        ? [one, { ...one, again: true }]
        : [{ ...one }];
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
      if (message.kind === "chunk" || message.kind === "part" || message.kind === "hedge")
        return `${message.kind} ${workName(message)}`;
      if (message.kind === "look") return `look at chunk ${message.chunk}`;
      if (message.kind === "give-up") return `dead ${message.of.kind} ${workName(message.of)}`;
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
