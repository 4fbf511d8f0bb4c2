/**
 * Back-pressure: a planner waits while there are chunks enough, so that memory is bounded and sizes are
 * learned from chunks that ran.
 */
import { isWholeMessage } from "../../../core/records/message.ts";
import type { Message, QueueName } from "../../../core/records/message.ts";
import type { Queue } from "../../../ports.ts";
import { Stopped } from "./pump.ts";

export interface BackpressureQueue extends Queue {
  /** Lets waiting planners look again whether there is room. */
  release(): void;
  /** Waiting planners, and those to come, fail with `Stopped`. */
  stop(): void;
}

/** `isEnough`: whether the chunks of this batch should wait. */
export function withBackpressure(queue: Queue, isEnough: (batch: string) => boolean): BackpressureQueue {
  let waiting: (() => void)[] = [];
  let stopped = false;
  const release = (): void => {
    const ready = waiting;
    waiting = [];
    for (const go of ready) go();
  };
  const roomFor = async (batch: string): Promise<void> => {
    for (;;) {
      if (stopped) throw new Stopped("the engine has stopped");
      if (!isEnough(batch)) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    async send(name: QueueName, messages: readonly Message[], options) {
      const [first] = messages;
      if (name === "worker" && first && isWholeMessage(first)) await roomFor(first.batch);
      await queue.send(name, messages, options);
    },
    release,
    stop() {
      stopped = true;
      release();
    },
  };
}
