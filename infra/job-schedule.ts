/** Reads the schedule of a job from the syntax of its file, without running it. */
import type { Expression, ObjectExpression, SpreadElement } from "acorn";
import { Annotations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Json } from "../src/core/json/json.ts";
import { definitionIn } from "./job-name.ts";
import { plainCode } from "./resources/bundle.ts";
import type { JobCode } from "./resources/bundle.ts";

/** `null`: the job has none. Warns at `scope` if the syntax does not show which one it has. */
export function scheduleInFile(scope: IConstruct, job: JobCode): Json {
  const written = writtenIn(job);
  if (written === null) return null;
  const value = literal(written);
  if (value !== undefined) return value;
  Annotations.of(scope).addWarningV2(
    "fanjoin:schedule",
    `${job.name}: the file ${job.file} has a schedule that its syntax does not show, so no batch starts by itself. Write it as literals, or give addJob a schedule.`,
  );
  return null;
}

/** A file that cannot be parsed has no schedule. Bundling it says what is wrong with it. */
function writtenIn(job: JobCode): Expression | null {
  try {
    const definition = definitionIn(plainCode(job));
    return definition && valueOf(definition, "schedule");
  } catch {
    return null;
  }
}

function valueOf({ properties }: ObjectExpression, name: string): Expression | null {
  const found = properties.find((one) => one.type === "Property" && !one.computed && keyOf(one.key) === name);
  return found?.type === "Property" ? found.value : null;
}

function keyOf(key: Expression | { readonly type: "PrivateIdentifier" }): string | null {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : null;
}

/** `undefined`: it is more than literals. */
function literal(node: Expression | SpreadElement | null): Json | undefined {
  if (node?.type === "Literal") {
    const { value } = node;
    const isJson = value === null || ["string", "number", "boolean"].includes(typeof value);
    return isJson && !("regex" in node && node.regex) ? (value as Json) : undefined;
  }
  if (node?.type === "ArrayExpression") {
    const values = node.elements.map(literal);
    return values.includes(undefined) ? undefined : (values as Json[]);
  }
  if (node?.type !== "ObjectExpression") return undefined;
  const entries = node.properties.map((one) => {
    const key = one.type === "Property" && !one.computed ? keyOf(one.key) : null;
    return key === null || one.type !== "Property" ? null : ([key, literal(one.value)] as const);
  });
  const isWhole = entries.every((entry) => entry !== null && entry[1] !== undefined);
  return isWhole ? Object.fromEntries(entries as [string, Json][]) : undefined;
}
