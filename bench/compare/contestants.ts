/** Who takes part in the comparison, and how each is called. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BULLMQ_MODULES, isInstalled, missingForBullmq } from "../available.ts";
import { missingPackages, pythonCommand, PYTHON_ENV } from "./python.ts";
import type { Python } from "./python.ts";

export type Work = "cpu" | "file" | "network" | "trial";

/** What a program is started with. */
export interface Start {
  readonly work: Work;
  /** How many tasks are in flight at once. */
  readonly workers: number;
  /** It was started before, in the same directory. */
  readonly again: boolean;
}

export interface CompareContestant {
  readonly name: string;
  readonly language: "Python" | "JavaScript";
  /** The call, as it is usually written. */
  readonly about: string;
  /** The call that has a result for each task and a limit for each. */
  readonly careful: string;
  /** Why it cannot run here, `null` if it can. */
  readonly missing: string | null;
  command(start: Start): readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Threads and processes that compute, where the tasks of one share it. */
export const CORES = 2;
const NODE_MAIN = fileURLToPath(new URL("node/main.ts", import.meta.url));

interface PythonEntry {
  readonly name: string;
  readonly module: string;
  readonly kind?: string;
  readonly packages?: readonly string[];
  readonly redis?: true;
  readonly about: string;
  readonly careful: string;
}

const PYTHON: readonly PythonEntry[] = [
  {
    name: "Python loop",
    module: "by_loop",
    about: "`[task(n) for n in numbers]`",
    careful: "`try` around each call; no limit",
  },
  {
    name: "threading",
    module: "by_one_each",
    kind: "threads",
    about: "a `Thread` for each task, a `Semaphore`, `join()`",
    careful: "daemon threads, `join(timeout)`",
  },
  {
    name: "ThreadPoolExecutor",
    module: "by_executor",
    kind: "threads",
    about: "`executor.map`",
    careful: "`submit`, `future.result(timeout)`, `shutdown(cancel_futures=True)`",
  },
  {
    name: "multiprocessing.Process",
    module: "by_one_each",
    kind: "processes",
    about: "a `Process` for each task, a `Semaphore`, a `SimpleQueue` for the values",
    careful: "a `Pipe`, a clock and `kill()` for each process, forty lines",
  },
  {
    name: "Pool",
    module: "by_pool",
    about: "`pool.map`",
    careful: "`apply_async`, `handle.get(timeout)`",
  },
  {
    name: "ProcessPoolExecutor",
    module: "by_executor",
    kind: "processes",
    about: "`executor.map`",
    careful: "`submit`, `future.result(timeout)`, `shutdown(cancel_futures=True)`",
  },
  {
    name: "asyncio.gather",
    module: "by_asyncio",
    about: "`gather` and a `Semaphore`; files in 64 threads",
    careful: "`return_exceptions=True`, `wait_for`",
  },
  {
    name: "Celery group",
    module: "by_celery",
    kind: "group",
    packages: ["celery", "redis"],
    redis: true,
    about: "`group(tasks)().get()`; one worker: prefork, for waiting tasks threads",
    careful: "`time_limit`, `get(propagate=False)`",
  },
  {
    name: "Celery chord",
    module: "by_celery",
    kind: "chord",
    packages: ["celery", "redis"],
    redis: true,
    about: "`chord(tasks)(callback).get()`, the same worker",
    careful: "`time_limit`; if the chord fails, `result.parent.get(propagate=False)`",
  },
  {
    name: "Luigi",
    module: "by_luigi",
    packages: ["luigi"],
    about: "`luigi.build(tasks, workers, local_scheduler=True)`, a file as each task's target",
    careful: "`worker_timeout`",
  },
  {
    name: "Dask threads",
    module: "by_dask",
    kind: "threads",
    packages: ["dask"],
    about: '`dask.compute(…, scheduler="threads")`',
    careful: "tasks that return their exception; no limit",
  },
  {
    name: "Dask processes",
    module: "by_dask",
    kind: "processes",
    packages: ["dask"],
    about: '`dask.compute(…, scheduler="processes")`',
    careful: "tasks that return their exception; no limit",
  },
  {
    name: "Dask distributed",
    module: "by_dask",
    kind: "distributed",
    packages: ["dask", "distributed"],
    about: "`LocalCluster` of two processes, `client.gather(client.map(…))`",
    careful: "`future.result(timeout)`, `client.cancel`",
  },
  {
    name: "Lithops localhost",
    module: "by_lithops",
    packages: ["lithops"],
    about: "`FunctionExecutor.map`, its version 1 of localhost, the faster one here",
    careful: "`map(timeout)`, `wait(throw_except=False)`",
  },
];

const NODE: readonly { name: string; script: string; about: string; careful: string; bullmq?: true }[] = [
  {
    name: "JavaScript loop",
    script: "loop",
    about: "`for (…) await task(n)`",
    careful: "`try` around each call; no limit",
  },
  {
    name: "BullMQ flow",
    script: "bullmq",
    bullmq: true,
    about: "a flow with `failParentOnFailure`, two threads",
    careful: "`ignoreDependencyOnFailure`, a timer in each task",
  },
  {
    name: "piscina",
    script: "piscina",
    about: "`Promise.all` of `pool.run`, two threads",
    careful: "`Promise.allSettled`, `AbortSignal.timeout`",
  },
  {
    name: "fanjoin",
    script: "fanjoin",
    about: "`open()`, `submit`, `outputs`, two threads; every batch is synced to disk",
    careful: "`itemTimeoutMs`, no retries",
  },
];

export function contestants(python: Python): CompareContestant[] {
  return [...PYTHON.map((entry) => inPython(python, entry)), ...NODE.map(inNode)];
}

function inPython(
  python: Python,
  { module, kind, packages = [], redis, ...rest }: PythonEntry,
): CompareContestant {
  const missing = missingPackages(python, packages);
  const noRedis = redis && !isInstalled("redis-server") ? "redis-server is not installed" : null;
  return {
    ...rest,
    language: "Python",
    missing: missing ?? noRedis,
    // Celery's pool of threads has no limits for tasks.
    command: ({ work, ...start }) => {
      const pool = work === "file" || work === "network" ? "threads" : "prefork";
      return pythonCommand(python, module, { ...start, kind, pool, processes: CORES });
    },
    env: PYTHON_ENV,
  };
}

function inNode({ script, bullmq, ...rest }: (typeof NODE)[number]): CompareContestant {
  return {
    ...rest,
    language: "JavaScript",
    missing: bullmq ? missingForBullmq() : null,
    command: ({ workers, again }) => {
      const settings = { workers, again, threads: CORES, modules: BULLMQ_MODULES };
      return [process.execPath, NODE_MAIN, script, JSON.stringify(settings)];
    },
    env: {},
  };
}

/** The version of BullMQ, where it is installed. */
export function bullmqVersion(): string | undefined {
  if (missingForBullmq() !== null) return undefined;
  const text = readFileSync(`${BULLMQ_MODULES}/bullmq/package.json`, "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
