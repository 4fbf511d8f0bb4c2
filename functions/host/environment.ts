/**
 * What the stack tells its functions, in their environment: read once, all that is missing named together.
 */
export type Transport = "sqs" | "invoke";

export interface Environment {
  /** The stack's name, which the names of all its resources begin with. */
  readonly name: string;
  readonly table: string;
  readonly bucket: string;
  /** Of the coordinator; those of all others are worked out from it. */
  readonly queueUrl: string;
  readonly retentionDays: number;
  /** Buckets besides our own that inputs may be in. */
  readonly readable: readonly string[];
  /** The stack's jobs. Functions of one job know that one only. */
  readonly jobs: ReadonlyMap<string, Transport>;
  /** The one job of a worker or a join function; `null` for the others. */
  readonly job: string | null;
}

const RETENTION_DAYS = 30;

type Given = { readonly [name: string]: string | undefined };

/** Throws an error that names every variable that is missing or makes no sense. */
export function readEnvironment(env: Given = process.env): Environment {
  const wrong: string[] = [];
  const text = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") wrong.push(`${name} is missing`);
    return value;
  };
  const positive = (name: string, otherwise: number): number => {
    const given = env[name];
    const value = given === undefined ? otherwise : Number(given);
    if (!(value > 0)) wrong.push(`${name} is no number: ${given}`);
    return value;
  };
  const job = env["FANJOIN_JOB"] ?? null;
  const parsed: Environment = {
    name: text("FANJOIN_NAME"),
    table: text("FANJOIN_TABLE"),
    bucket: text("FANJOIN_BUCKET"),
    queueUrl: text("FANJOIN_QUEUE_URL"),
    retentionDays: positive("FANJOIN_RETENTION_DAYS", RETENTION_DAYS),
    readable: (env["FANJOIN_READABLE_BUCKETS"] ?? "").split(",").filter((bucket) => bucket !== ""),
    jobs: job === null ? jobsIn(env, wrong) : new Map([[job, transportOf(env["FANJOIN_TRANSPORT"])]]),
    job,
  };
  if (wrong.length === 0) return parsed;
  throw new Error(
    `the environment of this function is not what fanjoin's stack gives it: ${wrong.join(", ")}`,
  );
}

function jobsIn(env: Given, wrong: string[]): ReadonlyMap<string, Transport> {
  try {
    const jobs: unknown = JSON.parse(env["FANJOIN_JOBS"] ?? "");
    return new Map(Object.entries(jobs ?? {}).map(([job, transport]) => [job, transportOf(transport)]));
  } catch {
    wrong.push("FANJOIN_JOBS is missing, or no JSON object of jobs and their transports");
    return new Map();
  }
}

function transportOf(value: unknown): Transport {
  return value === "invoke" ? "invoke" : "sqs";
}
