/** Threads or processes, each started when its key is first asked for. */
export class StartedByKey<Running extends { close(): Promise<void> }, Seed = null> {
  readonly #start: (key: string, seed: Seed) => Running;
  readonly #running = new Map<string, Running>();

  constructor(start: (key: string, seed: Seed) => Running) {
    this.#start = start;
  }

  get(key: string, seed: Seed): Running {
    const known = this.#running.get(key);
    if (known) return known;
    const running = this.#start(key, seed);
    this.#running.set(key, running);
    return running;
  }

  find(key: string): Running | undefined {
    return this.#running.get(key);
  }

  entries(): [key: string, running: Running][] {
    return [...this.#running];
  }

  /** Does nothing if nothing was started for `key`. */
  async close(key: string): Promise<void> {
    const running = this.#running.get(key);
    this.#running.delete(key);
    await running?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.close()));
  }
}
