/**
 * Requests with bodies, in turn. Parsing 4 MiB of JSON holds up everything else for a tenth of a second, so a
 * body waits while a request without one is being answered.
 */
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";

export interface Turns {
  /** Answers a request without a body: at once. */
  small<T>(answer: () => Promise<T>): Promise<T>;
  /** Reads a body, and answers it in its turn. */
  large<Body, T>(read: () => Promise<Body>, answer: (body: Body) => Promise<T>): Promise<T>;
}

/** Bodies that are in memory at the same time. The others wait in their connections. */
const BODIES = 8;
/** A request that has just come in is known to this process only after it has looked for new ones. */
const LOOK_MS = 2;
/** After this time a body has its turn, whatever else goes on. */
const PATIENCE_MS = 250;

export function turns(): Turns {
  const reading = pLimit(BODIES);
  const answering = pLimit(1);
  const open = { small: 0 };

  async function othersFirst(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    do await sleep(LOOK_MS);
    while (open.small > 0 && performance.now() < until);
  }

  return {
    async small(answer) {
      open.small++;
      try {
        return await answer();
      } finally {
        open.small--;
      }
    },
    large: (read, answer) =>
      reading(async () => {
        const body = await read();
        return answering(async () => {
          await othersFirst();
          return answer(body);
        });
      }),
  };
}
