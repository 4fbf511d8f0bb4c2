/** The calls to one thread on their way out: to wake a thread costs more than the calls themselves. */
import type { MessagePort } from "node:worker_threads";
import type { Call } from "../thread-messages.ts";

export class Outbox {
  readonly #port: Pick<MessagePort, "postMessage">;
  #held: Call[] = [];

  constructor(port: Pick<MessagePort, "postMessage">) {
    this.#port = port;
  }

  /** For a thread that would wait otherwise. What is held goes first. */
  now(call: Call): void {
    this.#held.push(call);
    this.#flush();
  }

  /** For a thread that has work: calls of one turn of the event loop travel together. */
  soon(call: Call): void {
    if (this.#held.push(call) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#held.length === 0) return;
    const calls = this.#held;
    this.#held = [];
    this.#port.postMessage(calls);
  }
}
