/** A process carries out its next step: one effect on shared state, and all local effects that follow. */
import type { ChunkMessage, Message } from "../../../src/core/records/message.ts";
import type { Effect, Reply } from "../../../src/core/protocol/task.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import type { TimeUp } from "./splits.ts";
import { answerLocally, applyTo, delivery } from "./world.ts";
import type { LocalChoice, Process, State, World } from "./world.ts";

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
  for (let shared = true; ; shared = false) {
    const [task, ...rest] = tasks;
    if (!task) break;
    const effect = world.protocol.effectOf(task);
    if (!shared && !isLocal(effect)) break;
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
      if (late.at >= task.chunks.length || !isSame(process, task.chunks)) return null;
      state = { ...state, left: { ...state.left, timeUp: state.left.timeUp - 1 } };
      const messages = task.chunks.slice(late.at + 1);
      // Chunks that were not begun are sent on.
      if (messages.length > 0) tasks = [...tasks, { do: "send", queue: "worker", messages }];
      late = null;
    }
  }
  if (late) return null;
  const idle = tasks.length === 0 && state.left.crash + state.left.deadLetter === 0;
  const running = idle ? state.running : [...state.running, { ...process, tasks, got }];
  return { to: { ...state, running }, reply: first };
}

/**
 * Whether all messages of the process are worked on: then the places of a fault are those of its messages.
 */
function isSame({ held }: Process, chunks: readonly ChunkMessage[]): boolean {
  return held.length === chunks.length;
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
