/**
 * The values of JSON lines, one after the other. Millions of them pass while a consumer takes its time, so
 * each costs one promise: with generators in its place, V8 lets the space for young objects grow to 130 MB.
 */

/** Bytes that become text together. */
const BYTES_AT_ONCE = 16 * 1024;
const NEWLINE = "\n";

export class LineValues<Value> implements AsyncIterableIterator<Value> {
  readonly #blocks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #block: Uint8Array = new Uint8Array();
  #text = "";
  #at = 0;
  /** Resolves when the value that was asked for last has come; `null`: it has. */
  #turn: Promise<void> | null = null;

  constructor(blocks: AsyncIterable<Uint8Array>) {
    this.#blocks = blocks[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    const line = this.#turn === null ? this.#line() : null;
    if (line !== null) return Promise.resolve({ value: JSON.parse(line) as Value, done: false });
    const result = this.#later(this.#turn);
    const turn = result.then(ignore, ignore).then(() => {
      if (this.#turn === turn) this.#turn = null;
    });
    this.#turn = turn;
    return result;
  }

  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#text = "";
    this.#block = new Uint8Array();
    await this.#blocks.return?.();
    return { value: undefined, done: true };
  }

  /** The next line, if all of it is there. */
  #line(): string | null {
    const end = this.#text.indexOf(NEWLINE, this.#at);
    if (end < 0) return null;
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  async #later(turn: Promise<void> | null): Promise<IteratorResult<Value, undefined>> {
    await turn;
    for (;;) {
      const line = this.#line();
      if (line !== null) return { value: JSON.parse(line) as Value, done: false };
      if (await this.#more()) continue;
      if (this.#at < this.#text.length) throw new Error("the outputs end in the middle of a line");
      return { value: undefined, done: true };
    }
  }

  /** Adds text. False at the end. */
  async #more(): Promise<boolean> {
    if (this.#block.length === 0) {
      const next = await this.#blocks.next();
      if (next.done === true) return false;
      this.#block = next.value;
    }
    const part = this.#block.subarray(0, BYTES_AT_ONCE);
    this.#block = this.#block.subarray(part.length);
    this.#text = this.#text.slice(this.#at) + this.#decoder.decode(part, { stream: true });
    this.#at = 0;
    return true;
  }
}

function ignore(): void {}
