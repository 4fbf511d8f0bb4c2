/** Standard output: whoever reads it may stop reading at any time. */
import { createReadStream } from "node:fs";

/** `fanjoin list | head` ends quietly. Progress that nobody reads any more stops no batch. */
export function endQuietlyWhenClosed(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  process.stderr.on("error", () => {});
}

export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** One document: indented for a person, on one line for a program. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0));
}

export async function printFile(path: string): Promise<void> {
  for await (const block of createReadStream(path)) await write(block as Uint8Array);
}

/** A file of JSON lines as one JSON array. */
export async function printLinesAsArray(path: string | null): Promise<void> {
  let before = "[";
  if (path !== null) {
    for await (const line of linesOf(path)) {
      await write(`${before}\n${line}`);
      before = ",";
    }
  }
  await write(before === "[" ? "[]\n" : "\n]\n");
}

/** By newlines only: JSON text may hold other line separators. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const block of createReadStream(path, "utf8")) {
    const lines = `${rest}${String(block)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function write(data: string | Uint8Array): Promise<void> {
  if (process.stdout.write(data)) return;
  await new Promise((resolve) => {
    process.stdout.once("drain", resolve);
  });
}
