/** Writes to standard output. Its reader may stop reading at any time, and its disk may be full. */
import { EXIT } from "../exit-codes.ts";
import { linesOf } from "../../lines-of.ts";
import { escapeControls } from "./escape.ts";
import { say } from "./standard-error.ts";

/**
 * Makes `fanjoin list | head` end quietly, and `fanjoin list > file` on a full disk with a sentence. Standard
 * error may be closed or full: that stops no batch.
 */
export function endWhenOutputFails(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") {
      if (onClosed === null) process.exit();
      return onClosed();
    }
    say(`fanjoin: cannot write to standard output: ${error.message}. Batches and their results are kept`);
    process.exit(EXIT.batchFailed);
  });
  process.stderr.on("error", () => {});
}

let onClosed: (() => void) | null = null;

export interface ClosedOutput extends Disposable {
  /** Resolves when nobody reads standard output any more. Until it is disposed of, that ends nothing. */
  readonly first: Promise<"closed">;
}

/** For a command that has to stop cleanly first. */
export function listenForClosedOutput(): ClosedOutput {
  const { promise: first, resolve } = Promise.withResolvers<"closed">();
  onClosed = () => resolve("closed");
  return {
    first,
    [Symbol.dispose]() {
      onClosed = null;
    },
  };
}

export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Prints one JSON document: indented on a terminal, on one line elsewhere. */
export function printJson(value: unknown): void {
  const { isTTY } = process.stdout;
  print(isTTY ? escapeControls(JSON.stringify(value, null, 2)) : JSON.stringify(value));
}

/** False if there was nothing to print. */
export async function printFile(content: AsyncIterable<Uint8Array>): Promise<boolean> {
  let printed = false;
  for await (const block of process.stdout.isTTY ? escaped(content) : content) {
    printed ||= block.length > 0;
    await write(block);
  }
  return printed;
}

/** Prints whole lines. */
export async function printBlocks(blocks: readonly Uint8Array[]): Promise<void> {
  if (process.stdout.isTTY) await write(escapeControls(Buffer.concat(blocks).toString("utf8")));
  else for (const block of blocks) await write(block);
}

/** For a terminal only: a file gets the bytes as they are. */
async function* escaped(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const block of content) yield escapeControls(decoder.decode(block, { stream: true }));
  yield escapeControls(decoder.decode());
}

/** Prints a file of JSON lines as one JSON array. */
export async function printLinesAsArray(content: AsyncIterable<Uint8Array> | null): Promise<void> {
  let separator = "[";
  if (content !== null) {
    for await (const line of linesOf(content)) {
      await write(`${separator}\n${process.stdout.isTTY ? escapeControls(line) : line}`);
      separator = ",";
    }
  }
  await write(separator === "[" ? "[]\n" : "\n]\n");
}

/** Waits while the reader of standard output is slower. */
export async function write(data: string | Uint8Array): Promise<void> {
  if (process.stdout.write(data)) return;
  await new Promise((resolve) => {
    process.stdout.once("drain", resolve);
  });
}
