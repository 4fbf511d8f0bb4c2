/** `fanjoin submit`: a batch of a deployed job. */
import { Command } from "commander";
import { usage } from "../error-text.ts";
import { positive, withOutcome } from "../common-options.ts";
import type { SubmitOptions } from "../common-options.ts";
import { withRemote } from "./place-option.ts";
import type { RemoteOptions } from "../remote/base-url.ts";
import { checkOutput } from "../follow/report-outcome.ts";

const EXAMPLES = `
Files of this machine are uploaded first, streamed, by signed URLs. Without an input the job's own source is used.
Requests are signed with your AWS credentials; or set FANJOIN_API_KEY, or FANJOIN_TOKEN for \`fanjoin dev\`.

Examples:
  fanjoin submit sales sales.csv --stack batches          starts a batch, and prints how to watch it
  fanjoin submit sales 'data/*.csv' --stack batches --wait --output totals.json
  fanjoin submit sales s3://my-bucket/2026/ --stack batches
  fanjoin submit sales sales.csv --stack batches --id 2026-11-21   the second time reports the first`;

export function submitCommand(): Command {
  const command = new Command("submit")
    .description("start a batch of a deployed job, on a stack or on `fanjoin dev`")
    .argument("<job-name>", "the job, as it is called where it is deployed")
    .argument("[input...]", "files, directories, globs, s3:// URLs; - is standard input");
  withRemote(command)
    .option("--wait", "follow the batch to its end, as `fanjoin run` does")
    .option("--id <token>", "the same token and input is the same batch: a second submit reports the first")
    .option("--params <json>", "the job's parameters: JSON, or @file")
    .option("--chunk-items <n>", "items in a chunk; learned by default", positive)
    .option("--chunk-bytes <n>", "bytes in a chunk; learned by default", positive);
  return withOutcome(command)
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, inputs: string[], options: RemoteOptions & SubmitOptions) => {
      await checkPlace(job, options);
      // What talks to AWS is loaded only for those who want it.
      const { submitRemotely } = await import("../remote/submit/submit-remotely.ts");
      process.exitCode = await submitRemotely(job, inputs, options);
    });
}

async function checkPlace(
  job: string,
  { stack, endpoint, wait, output, json }: RemoteOptions & SubmitOptions,
): Promise<void> {
  if (stack === undefined && endpoint === undefined) {
    throw usage(
      `where is ${job} deployed? Give --stack NAME or --endpoint URL; a batch on this machine is \`fanjoin run\``,
    );
  }
  if (output !== undefined && wait !== true)
    throw usage("--output wants the result, which there is only at the end: add --wait");
  await checkOutput({ ...(output === undefined ? {} : { output }), ...(json ? { json } : {}) });
}
