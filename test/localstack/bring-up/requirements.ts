/** Checks what LocalStack as a plain process needs from the machine. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** LocalStack 4.10 and later need this version; their metadata names an older one. */
const PYTHON = { major: 3, minor: 13 };
const JDK = 17;
/** Starting a JVM can be slow on a machine under load. */
const PATIENCE_MS = 30_000;

export interface Found {
  /** The Python to make the virtual environment with. */
  readonly python: string;
  /** A phrase for each missing requirement. */
  readonly missing: readonly string[];
  /** The missing requirements that also matter if LocalStack is already installed. */
  readonly missingToRun: readonly string[];
}

export async function checkRequirements(environment: NodeJS.ProcessEnv = process.env): Promise<Found> {
  const [python, javac, java, maven] = await Promise.all([
    findPython(environment),
    answers("javac", ["-version"], environment),
    answers("java", ["-version"], environment),
    answers("mvn", ["--version"], environment),
  ]);
  const missingToRun =
    isRecent(javac) && java !== null
      ? []
      : [`a JDK ${JDK} or later (java and javac on PATH${javac === null ? "" : `; there is ${javac}`})`];
  const missing = [
    ...(python === null
      ? [`Python ${PYTHON.major}.${PYTHON.minor} or later (as PYTHON, on PATH or under pyenv)`]
      : []),
    ...missingToRun,
    ...(maven === null ? ["Maven (mvn on PATH)"] : []),
  ];
  return { python: python ?? "", missing, missingToRun };
}

function isRecent(version: string | null): boolean {
  return Number(/(\d+)/.exec(version ?? "")?.[1] ?? 0) >= JDK;
}

/** The first line of a program's output; `null` if the program is missing or fails. */
async function answers(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  try {
    const { stdout, stderr } = await run(program, args, { env, timeout: PATIENCE_MS });
    return (stdout || stderr).split("\n")[0]?.trim() ?? "";
  } catch {
    return null;
  }
}

/** Runs each candidate, because the `python3.13` of pyenv on PATH may only print an error. */
async function findPython(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const check = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${PYTHON.major}, ${PYTHON.minor}))`;
  for (const candidate of pythons(environment)) {
    if ((await answers(candidate, ["-c", check], environment)) !== null) return candidate;
  }
  return null;
}

function pythons(environment: NodeJS.ProcessEnv): string[] {
  const versions = join(environment["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  const kept = existsSync(versions) ? readdirSync(versions).toSorted() : [];
  return [
    ...(environment["PYTHON"] ? [environment["PYTHON"]] : []),
    "python3.14",
    "python3.13",
    "python3",
    ...kept.map((version) => join(versions, version, "bin", "python")),
  ];
}
