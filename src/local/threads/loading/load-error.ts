/** Says in words why a job file cannot be loaded, and where that is. */
import { errorText } from "../../../core/errors/described-error.ts";
import { describeError } from "../../../runner/describe-error.ts";
import { compileErrorPlace } from "./compile-error.ts";
import type { CodePlace } from "./compile-error.ts";

const TYPES_ARE_REMOVED = "Node runs TypeScript by removing the types";

/** `files`: the URLs of the files that were resolved until then. */
export async function loadErrorText(thrown: unknown, files: ReadonlySet<string>): Promise<string> {
  if (!(thrown instanceof Error)) return errorText(describeError(thrown));
  const { message } = thrown;
  const code = "code" in thrown ? thrown.code : undefined;
  if (code === "ERR_MODULE_NOT_FOUND")
    return `${message}. Relative imports need their ending, e.g. './helper.ts'; packages have to be installed`;
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING")
    return `${message}. Copy the file into your project: below node_modules only JavaScript runs`;
  if (!(thrown instanceof SyntaxError)) return withFrames(thrown);
  const place = nodesPlace(thrown) ?? (await compileErrorPlace(thrown, files));
  if (place === null) return withFrames(thrown);
  return `SyntaxError: ${message}, at ${place.at}${adviceFor(thrown, place)}\n${place.code}`;
}

function adviceFor(error: SyntaxError, { code }: CodePlace): string {
  if (/does not provide an export named/.test(error.message))
    return ". If that is a type, import it with `import type`";
  if ("code" in error && error.code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return `. ${TYPES_ARE_REMOVED}, so enums, namespaces and parameter properties cannot be used`;
  const [line = "", mark = ""] = code.split("\n");
  return line[mark.indexOf("^")] === "@" ? `. ${TYPES_ARE_REMOVED}, so decorators cannot be used` : "";
}

/** The place and the line of code that Node puts before the stack of some errors. */
function nodesPlace({ stack = "" }: Error): CodePlace | null {
  const [, file = "", code = ""] = /^(?:file:\/\/)?(\/.*:\d+)\n([^]*?\^+)\n/.exec(stack) ?? [];
  return file === "" ? null : { at: decoded(file), code };
}

/** As in a URL, so that the path can be opened. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function withFrames(thrown: Error): string {
  const error = describeError(thrown);
  const { stack = [] } = error;
  // The class of every error is worth saying here.
  const text = error.name === "Error" ? `Error: ${errorText(error)}` : errorText(error);
  return [text, ...stack.map((frame) => `    at ${frame}`)].join("\n");
}
