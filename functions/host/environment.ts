/**
 * The settings that the stack gives its functions as environment variables. They are read once, and all
 * missing ones are reported together.
 */
export type Transport = "sqs" | "invoke";

export interface Environment {
  /** The stack's name; the names of all its resources begin with it. */
  readonly name: string;
  /** The name of the stack for CloudFormation, and the command line. Only the coordinator knows it. */
  readonly stack: string | null;
  readonly table: string;
  readonly bucket: string;
  /** The URL of the coordinator's queue; the URLs of all other queues are derived from it. */
  readonly queueUrl: string;
  readonly retentionDays: number;
  /** Buckets besides the stack's own that may hold inputs. */
  readonly readable: readonly string[];
  /** The origins of web pages that may call the API; only the API's function knows them. */
  readonly apiOrigins: readonly string[];
  /** The stack's jobs. A worker or a join knows only its own job. */
  readonly jobs: ReadonlyMap<string, Transport>;
  /** Those of them that have a larger worker for chunks that may lack memory. */
  readonly larger: ReadonlySet<string>;
  /** The job of a worker or a join; `null` in other functions. */
  readonly job: string | null;
  /** The hash of that job's code. `null` in stacks that were synthesised before there was one. */
  readonly code: string | null;
}

const RETENTION_DAYS = 30;

/** Throws an `Error` that names every missing or invalid variable. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") problems.push(`${name} is missing`);
    return value;
  };
  const positive = (name: string, fallback: number): number => {
    const raw = env[name];
    const value = raw === undefined ? fallback : Number(raw);
    if (!(value > 0)) problems.push(`${name} is not a positive number: ${raw}`);
    return value;
  };
  const job = env["FANJOIN_JOB"] ?? null;
  const parsed: Environment = {
    name: text("FANJOIN_NAME"),
    stack: env["FANJOIN_STACK"] ?? null,
    table: text("FANJOIN_TABLE"),
    bucket: text("FANJOIN_BUCKET"),
    queueUrl: text("FANJOIN_QUEUE_URL"),
    retentionDays: positive("FANJOIN_RETENTION_DAYS", RETENTION_DAYS),
    readable: listIn(env["FANJOIN_READABLE_BUCKETS"]),
    apiOrigins: listIn(env["FANJOIN_API_ORIGINS"]),
    jobs: job === null ? jobsIn(env, problems) : new Map([[job, transportOf(env["FANJOIN_TRANSPORT"])]]),
    larger: new Set(listIn(env["FANJOIN_LARGER"])),
    job,
    code: env["FANJOIN_CODE"] ?? null,
  };
  if (problems.length === 0) return parsed;
  throw new Error(`this function does not have the environment of a fanjoin stack: ${problems.join(", ")}`);
}

function listIn(text = ""): readonly string[] {
  return text.split(",").filter((one) => one !== "");
}

function jobsIn(env: NodeJS.ProcessEnv, problems: string[]): ReadonlyMap<string, Transport> {
  try {
    const jobs: unknown = JSON.parse(env["FANJOIN_JOBS"] ?? "");
    return new Map(Object.entries(jobs ?? {}).map(([job, transport]) => [job, transportOf(transport)]));
  } catch {
    problems.push("FANJOIN_JOBS is missing, or is not a JSON object of jobs and their transports");
    return new Map();
  }
}

function transportOf(value: unknown): Transport {
  return value === "invoke" ? "invoke" : "sqs";
}
