/** A batch's parameters, as its job's schema makes them. */
import { FanjoinError } from "../core/errors.ts";
import type { Json } from "../core/record.ts";
import type { Job } from "../job.ts";
import { issuesText } from "./schema-issues.ts";

/** Throws `JOB_INVALID`, which says what the schema found. */
export async function parseParams({ name, params: schema }: Job, params: Json): Promise<unknown> {
  if (!schema) return params;
  const checked = await schema["~standard"].validate(params);
  if (!checked.issues) return checked.value;
  throw new FanjoinError(
    "JOB_INVALID",
    `job ${name} does not take the params ${JSON.stringify(params)} (--params, or "params" of a request): ${issuesText(checked.issues)}`,
  );
}
