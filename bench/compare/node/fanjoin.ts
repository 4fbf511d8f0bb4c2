/** fanjoin: a batch in an engine that is open in this process, as a program would run it. */
import { join } from "node:path";
import { open } from "fanjoin/local";
import type { Batch } from "fanjoin/local";
import type { Caller, Numbers, Settings } from "./caller.ts";
import type { TaskName } from "./work.ts";

const JOBS = {
  noop: "computing",
  cpu: "computing",
  file: "waiting",
  network: "waiting",
  trial: "trial",
} as const;

async function resultsOf(batch: Batch): Promise<(number | Error)[]> {
  const { error } = await batch.ended();
  if (error !== null) throw new Error(JSON.stringify(error));
  const results: (number | Error)[] = [];
  for await (const value of batch.outputs()) results.push(Number(value));
  for await (const { error } of batch.failed()) results.push(new Error(error.message));
  return results;
}

export async function openFanjoin({ threads, again }: Settings): Promise<Caller> {
  const directory = join(process.env["COMPARE_DIR"] ?? ".", "state");
  const fanjoin = await open({ directory, threads });

  async function run(job: string, task: TaskName, { first, count }: Numbers): Promise<(number | Error)[]> {
    const file = new URL(`../jobs/${job}.ts`, import.meta.url);
    if (again && task === "trial") {
      for await (const { batch: id } of fanjoin.list({ job })) {
        const batch = await fanjoin.batch(id);
        await batch.resume({ job: file });
        return resultsOf(batch);
      }
    }
    return resultsOf(await fanjoin.submit(file, { params: { task, first }, maxItems: count }));
  }

  return {
    map: (task, numbers) => run(JOBS[task], task, numbers),
    each: (task, numbers) => run("trial-with-limit", task, numbers),
    close: () => fanjoin.close(),
  };
}
