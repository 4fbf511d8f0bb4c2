/** Writes to standard output. Its reader may stop reading at any time. */

/** Makes `fanjoin list | head` end quietly. A closed standard error does not stop a batch. */
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

/** Prints one JSON document: indented on a terminal, on one line elsewhere. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0));
}

export async function printFile(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const block of content) await write(block);
}

/** Prints a file of JSON lines as one JSON array. */
export async function printLinesAsArray(content: AsyncIterable<Uint8Array> | null): Promise<void> {
  let separator = "[";
  if (content !== null) {
    for await (const line of linesOf(content)) {
      await write(`${separator}\n${line}`);
      separator = ",";
    }
  }
  await write(separator === "[" ? "[]\n" : "\n]\n");
}

/** Splits at newlines only, because JSON text may contain other line separators. */
export async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const block of content) {
    const lines = `${rest}${decoder.decode(block, { stream: true })}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

async function write(data: string | Uint8Array): Promise<void> {
  if (process.stdout.write(data)) return;
  await new Promise((resolve) => {
    process.stdout.once("drain", resolve);
  });
}
