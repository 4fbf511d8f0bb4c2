/** A process carries out its next step: one effect on shared state, and all local effects that follow. */
import type { Message } from "../../../../src/core/records/message.ts";
import type { Effect, Reply } from "../../../../src/core/protocol/task.ts";
import type { Fields } from "../../../../src/core/records/record.ts";
import { placeOf } from "../splitting/splits.ts";
import type { TimeUp } from "../splitting/splits.ts";
import { applyTo, delivery } from "./world.ts";
import { answerLocally } from "./local-effects.ts";
import type { Delivery, Process, State, World } from "./world.ts";
import type { LocalChoice } from "./local-effects.ts";

/** What goes wrong in a step. */
export interface StepFault {
  /** The reply is lost. */
  readonly isDeaf?: boolean;
  readonly timeUp?: TimeUp | null;
}

/** Carries out one effect on shared state, and then all local effects that follow. */
export function carryOut(
  world: World,
  from: State,
  process: Process,
  { isDeaf = false, timeUp = null }: StepFault,
): { to: State; reply: Reply | null } | null {
  let state = from;
  let { tasks, got } = process;
  let first: Reply | null = null;
  let late = timeUp;
  const givesUp = process.held[0]?.message.kind === "give-up";
  let before: Effect["kind"] | null = null;
  for (;;) {
    const [task, ...rest] = tasks;
    if (!task) break;
    const effect = world.protocol.effectOf(task);
    if (before !== null && isMoveOfItsOwn(state, effect, before)) break;
    before = effect.kind;
    const answer = answerTo(world, state, effect, { ...process, got, timeUp: late, givesUp });
    state = answer.state;
    if (typeof answer.reply === "string") return { to: { ...state, wrong: answer.reply }, reply: null };
    if ("partly" in answer) {
      got = answer.partly;
      break;
    }
    got = [];
    first ??= answer.reply;
    if (isDeaf) break;
    tasks = [...world.protocol.follow(task, answer.reply), ...rest];
    if (task.do === "work" && late) {
      const at = placeOf(late, task.chunks);
      if (at < 0) return null;
      state = { ...state, left: { ...state.left, timeUp: state.left.timeUp - 1 } };
      const messages = task.chunks.slice(at + 1);
      // Chunks that were not begun are sent on.
      if (messages.length > 0) tasks = [...tasks, { do: "send", queue: "worker", messages }];
      late = null;
    }
  }
  if (late) return null;
  const idle = tasks.length === 0 && !mayComeAgain(world, state, process);
  const running = idle ? state.running : [...state.running, { ...process, tasks, got }];
  return { to: { ...state, running }, reply: first };
}

/**
 * Whether other processes may do something before this effect that they could not do after it. After a send
 * they may: receive what was sent.
 */
function isMoveOfItsOwn(state: State, effect: Effect, before: Effect["kind"]): boolean {
  if (effect.kind === "send") return mayCrash(state);
  return before === "send" || !isLocal(effect);
}

/**
 * Whether a process that has done its tasks may still crash, and its messages come again. Others are over: a
 * sweeper that runs again and again would leave more and more of them behind.
 */
function mayComeAgain(world: World, state: State, { held }: Process): boolean {
  return mayCrash(state) && held.some((each) => comesAgain(world, each));
}

function mayCrash({ left }: State): boolean {
  return left.crash + left.deadLetter > 0;
}

/**
 * Whether the message is delivered again after a crash. A hedge is run once, and nothing depends on a look.
 * With a sweeper, the commands of people are given once.
 */
export function comesAgain({ sweeps }: World, { message: { kind } }: Delivery): boolean {
  if (kind === "sweep" || kind === "hedge" || kind === "look") return false;
  return !(sweeps && (kind === "cancel" || kind === "redrive" || kind === "pause" || kind === "resume"));
}

type Answer =
  | { state: State; reply: Reply | string }
  | { state: State; reply: null; partly: (Fields | null)[] };

function answerTo(
  world: World,
  state: State,
  effect: Effect,
  { got, ...choice }: Pick<Process, "got"> & LocalChoice,
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
    case "stragglers":
    case "work":
    case "merge":
      return {
        state: { ...state, tags: state.tags + 1 },
        reply: answerLocally(world, state, effect, choice),
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
