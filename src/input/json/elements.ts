/**
 * Elements of a source without lines of its own, spooled one per line. They are identified by their number,
 * because they have no position in the source.
 */
import { AS_TEXT, jsonProblem, problemText } from "../../core/json/strict-json.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import type { LineFormat } from "../text/line-reader.ts";
import { lineKind } from "../text/line-reader.ts";
import type { RecordPosition, ReaderKind, ReadRequest, Records, TextKind, Unreadable } from "../reader.ts";
import { excerpt, unreadable } from "../text/unreadable.ts";

/** Begins the line of an element that could not be written. JSON never begins with it. */
const PROBLEM = "!";

/** The content of a problem line. */
interface Problem extends Unreadable {
  readonly raw: string;
}

/** One line for `value`; if JSON cannot hold it, a line with the reason. */
export function elementLine(value: unknown): string {
  try {
    const problem = jsonProblem(value, AS_TEXT);
    if (problem === null) return `${JSON.stringify(value)}\n`;
    return problemLine(problemText("is", problem), value);
  } catch (thrown) {
    // A getter, or a toJSON of its own, may throw.
    return problemLine(`cannot be written as JSON: ${reasonOf(thrown)}`, value);
  }
}

function problemLine(message: string, value: unknown): string {
  const problem: Problem = { code: "ITEM_NOT_JSON", message, raw: shown(value) };
  return `${PROBLEM}${JSON.stringify(problem)}\n`;
}

function shown(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "(cannot be shown)";
  }
}

/** Parses a line of `problemLine`. */
function problemIn(line: string): Problem {
  return JSON.parse(line.slice(PROBLEM.length)) as Problem;
}

function parseElement(
  line: string,
  index: number,
  problems: Map<number, Unreadable>,
  ours: boolean,
): unknown {
  if (ours && line.startsWith(PROBLEM)) {
    const { code, message } = problemIn(line);
    problems.set(index, { code, message });
    return undefined;
  }
  try {
    return JSON.parse(line);
  } catch (error) {
    const what =
      line.trim() === "" ? "is missing" : `is not JSON (${reasonOf(error)}): ${excerpt(line.trim())}`;
    problems.set(index, unreadable(what));
    return undefined;
  }
}

async function* withoutPositions(records: AsyncIterable<Records>, ours: boolean): AsyncGenerator<Records> {
  for await (const some of records) {
    const locate = (index: number): RecordPosition => {
      const { raw, key } = some.locate(index);
      return { offset: null, line: null, raw: rawOf(raw, ours), key };
    };
    yield { ...some, lines: null, locate };
  }
}

function rawOf(line: string, ours: boolean): string {
  return ours && line.startsWith(PROBLEM) ? problemIn(line).raw : line.trim();
}

/** `ours`: the lines are those of `elementLine`. */
export function elementKind(
  unit: ReaderKind["unit"],
  ours: boolean,
  text: Omit<TextKind, "format"> = {},
): ReaderKind {
  const format: LineFormat = {
    blankIsItem: true,
    parse: (lines, problems) => lines.map((line, index) => parseElement(line, index, problems, ours)),
  };
  const kind = lineKind(format);
  return {
    ...kind,
    unit,
    text: { ...text, format: (options) => kind.text.format(options) },
    origin: async ({ range }) => (range.start === 0 ? { items: 0, lines: null } : null),
    read: (request: ReadRequest) => withoutPositions(kind.read(request), ours),
  };
}
