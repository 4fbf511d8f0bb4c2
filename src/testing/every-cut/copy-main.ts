/** The main module of a thread with a copy of a job. */
import { workerData } from "node:worker_threads";
import { FanjoinError, reasonOf } from "../../core/errors/errors.ts";
import { loadTestJob } from "../load-test-job.ts";
import type { CopyReply, CopyRequest, CopySetup } from "./copy-thread.ts";
import { jobCopy } from "./job-copy.ts";
import type { JobCopy } from "./job-copy.ts";

const { url, params, port } = workerData as CopySetup;

const loading = loadTestJob(url).then((job) => jobCopy(job, params));
// The request that awaits it answers with its error.
loading.catch(() => undefined);

port.on("message", (request: CopyRequest) => {
  void replyTo(request).then((reply) => port.postMessage(reply));
});

async function replyTo({ call, args }: CopyRequest): Promise<CopyReply> {
  try {
    const copy = await loading;
    // Only `openCopy` writes requests.
    const run = copy[call] as (...given: readonly unknown[]) => ReturnType<JobCopy[typeof call]>;
    return { value: await run(...args) };
  } catch (thrown) {
    const code = thrown instanceof FanjoinError ? thrown.code : null;
    return { code, message: reasonOf(thrown) };
  }
}
