/** `fanjoin submit`: starts a batch of a deployed job. */
import { Command } from "commander";
import { withBatchOptions, withOutcome } from "../common-options.ts";
import { usage } from "../error-text.ts";
import { checkOutput } from "../follow/check-output.ts";
import type { SubmitOptions } from "../remote/submit/submit-remotely.ts";
import { withRemote } from "./place-option.ts";

const EXAMPLES = `
Local files are first uploaded through signed URLs. Without an input, the job's
own source is used. Requests are signed with your AWS credentials; or set
FANJOIN_API_KEY, or FANJOIN_TOKEN for \`fanjoin dev\`.

Examples:
  fanjoin submit sales sales.csv --stack prod
  fanjoin submit sales 'data/*.csv' --stack prod --wait --output totals.json
  fanjoin submit sales s3://my-bucket/2026/ --stack prod
  fanjoin submit sales sales.csv --stack prod --id 2026-11-21`;

export function submitCommand(): Command {
  const command = new Command("submit")
    .description("start a batch of a deployed job, on a stack or on `fanjoin dev`")
    .argument("<job-name>", "the name of the deployed job")
    .argument("[input...]", "files, directories, globs, s3:// URLs; - is standard input");
  withRemote(command).option("--wait", "follow the batch to its end, as `fanjoin run` does");
  return withOutcome(withBatchOptions(command, "submit"))
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, inputs: string[], options: SubmitOptions) => {
      await checkOptions(job, options);
      // The code that talks to AWS is loaded only if it is needed.
      const { submitRemotely } = await import("../remote/submit/submit-remotely.ts");
      process.exitCode = await submitRemotely(job, inputs, options);
    });
}

async function checkOptions(
  job: string,
  { stack, endpoint, wait, output, json }: SubmitOptions,
): Promise<void> {
  if (stack === undefined && endpoint === undefined) {
    throw usage(
      `where is ${job} deployed? Give --stack NAME or --endpoint URL. To run a batch on this machine, use \`fanjoin run\``,
    );
  }
  if (output !== undefined && wait !== true)
    throw usage("--output needs the result, which exists only at the end: add --wait");
  await checkOutput({ ...(output === undefined ? {} : { output }), ...(json ? { json } : {}) });
}
