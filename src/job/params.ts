/** Checks the params of a batch with the schema of its job. */
import { FanjoinError } from "../core/errors/errors.ts";
import type { Json } from "../core/json/json.ts";
import type { Job } from "./job.ts";

/** The params as the schema returns them. Throws `JOB_INVALID`, with the issues that the schema found. */
export async function parseParams({ name, params: schema }: Job, params: Json): Promise<unknown> {
  if (!schema) return params;
  const checked = await schema["~standard"].validate(params);
  if (!checked.issues) return checked.value;
  throw new FanjoinError(
    "JOB_INVALID",
    `the job ${name} does not accept the params ${JSON.stringify(params)} (--params, or "params" of a request): ${issuesText(checked.issues)}`,
  );
}

/** An issue that a Standard Schema found. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** The issues as one line, each with the key that it is about. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  return issues.map(({ message, path }) => `${pathText(path)}${message}`).join("; ");
}

function pathText(path: readonly unknown[] | undefined): string {
  if (!path || path.length === 0) return "";
  const keys = path.map((part) =>
    String(typeof part === "object" && part !== null && "key" in part ? part.key : part),
  );
  return `${keys.join(".")}: `;
}
