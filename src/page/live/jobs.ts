/** The jobs that are loaded or deployed. */
import { useEffect, useState } from "preact/hooks";
import type { JobError, JobView, JobsAnswer } from "../../api/answers.ts";
import { asRefusal, get } from "./api.ts";
import type { Refusal } from "./api.ts";

export interface Jobs {
  /** `null`: not known yet. */
  readonly jobs: readonly (JobView | JobError)[] | null;
  readonly problem: Refusal | null;
}

export function useJobs(): Jobs {
  const [jobs, setJobs] = useState<Jobs["jobs"]>(null);
  const [problem, setProblem] = useState<Refusal | null>(null);
  useEffect(() => {
    get<JobsAnswer>("/jobs").then(
      (answer) => setJobs(answer.jobs),
      (error: unknown) => setProblem(asRefusal(error)),
    );
  }, []);
  return { jobs, problem };
}

export function isLoaded(job: JobView | JobError): job is JobView {
  return "reader" in job;
}
