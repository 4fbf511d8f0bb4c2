/**
 * Finds the place of an error that V8 threw while it compiled a module. V8 knows line and column, but tells
 * them to debuggers only. Which file it was is found by compiling the files of the job once more.
 */
import { Session } from "node:inspector";
import type { Runtime } from "node:inspector";
import { fileURLToPath } from "node:url";
import { javaScriptAt, textAt } from "./source-text.ts";

export interface CodePlace {
  /** File, line and perhaps column. */
  readonly at: string;
  /** The line, and a mark below the place. */
  readonly code: string;
}

/** `null` if it was thrown by running code, such as `new RegExp("(")`, or if no file gives the same error. */
export async function compileErrorPlace(
  error: SyntaxError,
  files: ReadonlySet<string>,
): Promise<CodePlace | null> {
  if (!/^ +at compileSourceTextModule /m.test(error.stack ?? "")) return null;
  const at = positionOf(error);
  if (at === null) return null;
  // The last one, in most cases.
  for (const url of [...files].toReversed()) {
    const source = sourceOf(url);
    if (source === null || (await compileErrorOf(source)) !== error.message) continue;
    const text = textAt(url).split("\n")[at.line - 1] ?? "";
    return codePlace(fileURLToPath(url), at, text);
  }
  return null;
}

interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

function codePlace(file: string, { line, column }: Position, text: string): CodePlace {
  const code = text.length > MAX_LINE_CHARS ? [] : [text, `${" ".repeat(column - 1)}^`];
  return { at: `${file}:${line}:${column}`, code: code.join("\n") };
}

/** A longer line is not shown. */
const MAX_LINE_CHARS = 500;

/** Where a debugger of this thread would find the error. */
const HELD = Symbol.for("fanjoin.compileError");

function positionOf(error: SyntaxError): Position | null {
  const held = globalThis as { [HELD]?: unknown };
  const session = new Session();
  let place: Position | null = null;
  try {
    held[HELD] = error;
    session.connect();
    const expression = `globalThis[Symbol.for(${JSON.stringify(Symbol.keyFor(HELD))})]`;
    session.post("Runtime.evaluate", { expression }, (_, found) => {
      const { objectId } = found.result;
      if (objectId === undefined) return;
      session.post("Runtime.getExceptionDetails", { errorObjectId: objectId }, (__, reply) => {
        // The types of Node do not know this method.
        const { exceptionDetails } = reply as {
          readonly exceptionDetails?: Partial<Runtime.ExceptionDetails>;
        };
        const { lineNumber = -1, columnNumber = 0 } = exceptionDetails ?? {};
        if (lineNumber >= 0) place = { line: lineNumber + 1, column: columnNumber + 1 };
      });
    });
  } catch {
    // This Node has no inspector.
  } finally {
    session.disconnect();
    delete held[HELD];
  }
  return place;
}

function sourceOf(url: string): string | null {
  try {
    return javaScriptAt(url);
  } catch {
    return null;
  }
}

/** The message that V8 refuses this module with. The module is never run: its first import does not exist. */
async function compileErrorOf(source: string): Promise<string | null> {
  const text = `import"./none";${source.replace(/^#!/, "//")}`;
  try {
    await import(`data:text/javascript,${encodeURIComponent(text)}`);
    return null;
  } catch (thrown) {
    return thrown instanceof SyntaxError ? thrown.message : null;
  }
}
