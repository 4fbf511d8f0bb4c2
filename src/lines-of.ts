/** Lines of text that comes in blocks of bytes. */

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
