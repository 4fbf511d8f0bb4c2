/** Ends a thread. What the job's `setup` made in it is torn down before, if the thread still answers. */
import { TEARDOWN_MS } from "../../../runner/own.ts";
import { OWN, SET_UP } from "../../../runner/poison/heartbeat.ts";
import type { Thread } from "../pool/thread.ts";
import type { Call } from "../thread-messages.ts";

/** A thread that has not begun its `teardown` after this time does not answer. */
const ANSWER_MS = 1000;
/** The thread itself stops waiting, and says so, before this time. */
const MOST_MS = TEARDOWN_MS + ANSWER_MS;

export function isSetUp({ heartbeat }: Thread): boolean {
  return heartbeat[OWN] === SET_UP;
}

/** Resolves when the thread has ended. */
export async function endThread(thread: Thread): Promise<void> {
  const { worker, port } = thread;
  if (isSetUp(thread)) {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    worker.once("exit", () => resolve());
    port.postMessage({ type: "teardown" } satisfies Call);
    const deaf = setTimeout(() => (isSetUp(thread) ? resolve() : undefined), ANSWER_MS);
    const late = setTimeout(resolve, MOST_MS);
    await over;
    clearTimeout(deaf);
    clearTimeout(late);
  }
  await worker.terminate();
}
