/** What a LocalStack as a plain process needs of the machine, and what of it is missing. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

type Environment = NodeJS.ProcessEnv;

const run = promisify(execFile);

/** LocalStack 4.10 and later need it, whatever their metadata says. */
const PYTHON = { major: 3, minor: 13 };
const JDK = 17;
/** A machine under load may need a while to start a JVM. */
const PATIENCE_MS = 30_000;

export interface Found {
  /** The Python to make the virtual environment with. */
  readonly python: string;
  /** A sentence for each thing that is not there. */
  readonly missing: readonly string[];
  /** Of these, what is needed where everything is installed already. */
  readonly missingToRun: readonly string[];
}

export async function lookAround(environment: Environment = process.env): Promise<Found> {
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

/** The first line that a program answers with; `null` if there is no such program or it does not work. */
async function answers(program: string, args: readonly string[], env: Environment): Promise<string | null> {
  try {
    const { stdout, stderr } = await run(program, args, { env, timeout: PATIENCE_MS });
    return (stdout || stderr).split("\n")[0]?.trim() ?? "";
  } catch {
    return null;
  }
}

/** pyenv puts a `python3.13` on PATH that only says that another version is wanted, so each is asked. */
async function findPython(environment: Environment): Promise<string | null> {
  const check = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${PYTHON.major}, ${PYTHON.minor}))`;
  for (const candidate of pythons(environment)) {
    if ((await answers(candidate, ["-c", check], environment)) !== null) return candidate;
  }
  return null;
}

function pythons(environment: Environment): string[] {
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
