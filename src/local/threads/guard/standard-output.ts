/**
 * Standard output belongs to the command: `--json` promises one document there. `process.stdout` of a thread
 * is a log already. Here, writes of a job to descriptor 1, and child processes that would inherit it, are
 * led to standard error. Native code, and threads and processes that a job starts, can still write there.
 */
import type ChildProcess from "node:child_process";
import fs from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
const PATHS = new Set(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

/** Functions that take a descriptor, or a path. Streams call these, too. */
const WRITES = "write writeSync writev writevSync writeFile writeFileSync appendFile appendFileSync".split(
  " ",
);
/** Their namesakes take a path or a file handle. */
const PROMISED = ["writeFile", "appendFile", "open"];

export function guardFiles(): void {
  for (const name of WRITES)
    wrap(fs, name, (original, [target, ...rest]) =>
      original(isStandardOutput(target) ? STANDARD_ERROR : target, ...rest),
    );
  for (const name of PROMISED)
    wrap(fs.promises, name, (original, [target, ...rest]) =>
      original(isStandardOutput(target) ? "/dev/stderr" : target, ...rest),
    );
  wrap(fs, "openSync", (original, args) => (isStandardOutput(args[0]) ? STANDARD_ERROR : original(...args)));
  wrap(fs, "open", (original, args) =>
    isStandardOutput(args[0]) ? answer(args.at(-1), STANDARD_ERROR) : original(...args),
  );
  // A stream on descriptor 1 closes it at its end, and would close standard error now.
  wrap(fs, "closeSync", (original, args) => (isStandard(args[0]) ? undefined : original(...args)));
  wrap(fs, "close", (original, args) => (isStandard(args[0]) ? answer(args[1]) : original(...args)));
  syncBuiltinESMExports();
}

/** To be called when a job first asks for the module: most jobs do not. */
export function guardChildProcesses(): void {
  const childProcess = createRequire(import.meta.url)("node:child_process") as typeof ChildProcess;
  for (const name of ["spawn", "spawnSync", "execSync", "execFileSync"])
    wrap(childProcess, name, (original, args) =>
      original(...args.map((arg) => (isOptions(arg) ? withStdio(arg) : arg))),
    );
  wrap(childProcess, "fork", (original, [file, ...args]) => {
    const list = args.find((arg) => Array.isArray(arg)) ?? [];
    return original(file, list, forkOptions(args.findLast(isOptions) ?? {}));
  });
  syncBuiltinESMExports();
}

type Callable = (...args: unknown[]) => unknown;

function wrap(
  holder: object,
  name: string,
  call: (original: Callable, args: readonly unknown[]) => unknown,
): void {
  const functions = holder as { [name: string]: Callable };
  const original = functions[name];
  if (original === undefined) return;
  const wrapped: Callable = (...args) => call(original, args);
  // With its name, and with what `promisify` looks for.
  functions[name] = Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
}

/** Calls back later, as `fs` does. */
function answer(done: unknown, ...values: unknown[]): void {
  if (typeof done === "function") process.nextTick(done, null, ...values);
}

function isStandard(descriptor: unknown): boolean {
  return descriptor === STANDARD_OUTPUT || descriptor === STANDARD_ERROR;
}

function isStandardOutput(target: unknown): boolean {
  if (typeof target === "number") return target === STANDARD_OUTPUT;
  if (typeof target === "string") return PATHS.has(target);
  if (target instanceof URL) return PATHS.has(target.pathname);
  return Buffer.isBuffer(target) && PATHS.has(target.toString());
}

interface Options {
  readonly stdio?: unknown;
  readonly silent?: unknown;
}

function isOptions(arg: unknown): arg is Options {
  return typeof arg === "object" && arg !== null && !Array.isArray(arg);
}

/** The same object, if its children do not write to descriptor 1. */
function withStdio(options: Options): Options {
  const { stdio } = options;
  const names = stdio === "inherit" ? ["inherit", "inherit", "inherit"] : stdio;
  if (!Array.isArray(names)) return options;
  const led = names.map((one, at) =>
    one === STANDARD_OUTPUT || (one === "inherit" && at === STANDARD_OUTPUT)
      ? STANDARD_ERROR
      : (one as unknown),
  );
  return { ...options, stdio: led };
}

/** A fork inherits by default. */
function forkOptions(options: Options): Options {
  const { stdio, silent } = options;
  const inherits = stdio === "inherit" || ((stdio === undefined || stdio === null) && silent !== true);
  return withStdio(inherits ? { ...options, stdio: ["inherit", "inherit", "inherit", "ipc"] } : options);
}
