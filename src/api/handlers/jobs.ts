/** Shows deployed jobs, as their code describes them. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import type { JobDefaults, JobError, JobFile, JobView, JobsAnswer } from "../answers.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { jobIn } from "../checked-names.ts";
import { requestSchema } from "../openapi/request-schema.ts";

/** Jobs that are described at the same time. */
const AT_ONCE = 10;

export async function showJob(
  host: ApiHost,
  _request: ApiRequest,
  [name = ""]: readonly string[],
): Promise<ApiResponse> {
  return json(200, view(host, await host.describe(jobIn(host, name))));
}

/** A job that cannot be described is listed with its error, so that it does not hide the others. */
export async function listJobs(host: ApiHost): Promise<ApiResponse> {
  const views: (JobView | JobError)[] = [];
  for (let from = 0; from < host.jobs.length; from += AT_ONCE) {
    const names = host.jobs.slice(from, from + AT_ONCE);
    views.push(...(await Promise.all(names.map(async (name) => viewOr(host, name)))));
  }
  return json(200, { jobs: views } satisfies JobsAnswer);
}

async function viewOr(host: ApiHost, name: string): Promise<JobView | JobError> {
  try {
    return view(host, await host.describe(name));
  } catch (error) {
    const { file } = fileOf(host, name);
    const of = { job: name, ...(file === undefined ? {} : { file }) };
    if (error instanceof FanjoinError)
      return { ...of, error: { code: error.code, message: host.forCallers(error.message) } };
    host.report(error);
    return { ...of, error: { code: "INTERNAL", message: "the job's function did not answer" } };
  }
}

type JobHost = Pick<ApiHost, "loaded" | "forCallers">;

function fileOf({ loaded, forCallers }: JobHost, job: string): JobFile {
  const known = loaded?.(job);
  return known ? { file: forCallers(known.file), loadedAt: new Date(known.at).toISOString() } : {};
}

function defaultsOf({ options }: DescribedJob): JobDefaults {
  const { concurrency, chunk, retries, itemTimeoutMs, deadlineMs, tolerate } = options;
  return {
    concurrency,
    chunk,
    retry: { attempts: retries.limit + 1, timeoutMs: itemTimeoutMs },
    deadlineMs,
    tolerate: { count: tolerate.count, percent: tolerate.percent },
  };
}

function view(host: JobHost, described: DescribedJob): JobView {
  const { name, input, joins, outputs, schemas, code } = described;
  const { kind, options, own } = input;
  return {
    job: name,
    reader: { kind, options },
    input: own ? "own" : "given",
    schemas: schemas ?? { item: null, params: null },
    request: requestSchema(described),
    joins,
    outputs,
    ...(code === undefined ? {} : { code }),
    ...fileOf(host, name),
    defaults: defaultsOf(described),
  };
}
