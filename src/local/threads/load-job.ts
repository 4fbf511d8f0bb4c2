/** Loads a user's job file in this thread, and explains the usual mistakes. */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { FanjoinError } from "../../core/errors.ts";
import { jobFrom } from "../../job/job.ts";
import type { Job } from "../../job/job.ts";

/** Throws `JOB_INVALID`. */
export async function loadJob(file: string): Promise<Job> {
  resolveOurselves();
  try {
    return jobFrom(await import(pathToFileURL(file).href));
  } catch (thrown) {
    const why = isOurs(thrown) ? thrown.message : `it cannot be loaded: ${explain(thrown)}`;
    throw new FanjoinError("JOB_INVALID", `${file}: ${why}`, { cause: thrown });
  }
}

/** An error of ours, be it of another copy of this package. */
function isOurs(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === FanjoinError.name;
}

/**
 * A job file may lie outside any project: `fanjoin` then means this package, and `.ts` means a module. Where
 * the file's own project has the package, that one is taken.
 */
function resolveOurselves(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = resolveOr(() => next(specifier, context), specifier);
      const untyped =
        /\.[cm]?ts$/.test(new URL(resolved.url).pathname) && resolved.format !== "commonjs-typescript";
      return untyped && !resolved.url.endsWith(".cts")
        ? { ...resolved, format: "module-typescript" }
        : resolved;
    },
  });
}

type Resolved = ReturnType<Parameters<NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>>[2]>;

function resolveOr(resolve: () => Resolved, specifier: string): Resolved {
  try {
    return resolve();
  } catch (thrown) {
    if (specifier !== "fanjoin") throw thrown;
    return { url: import.meta.resolve("fanjoin"), shortCircuit: true };
  }
}

/** The mistakes that type stripping makes likely, said in a sentence. */
function explain(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = "code" in thrown ? thrown.code : undefined;
  const { message, stack = "" } = thrown;
  if (thrown instanceof SyntaxError && /does not provide an export named/.test(message)) {
    return `${message}. If that is a type, import it with \`import type\``;
  }
  if (code === "ERR_MODULE_NOT_FOUND") {
    return `${message}. Relative imports need their ending, e.g. './helper.ts'; packages have to be installed`;
  }
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `${message}. Node runs TypeScript by removing the types, so enums, namespaces and parameter properties cannot be used`;
  }
  if (thrown instanceof SyntaxError || code === "ERR_INVALID_TYPESCRIPT_SYNTAX") {
    return stack.split("\n    at ")[0] ?? message;
  }
  return `${thrown.name}: ${message}${firstFrame(stack)}`;
}

function firstFrame(stack: string): string {
  const frame = stack.split("\n").find((line) => line.includes("file://"));
  return frame ? `\n${frame}` : "";
}
