/**
 * Synthesises a stack with one job of each transport, and reads resources and permissions off its template.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { BUNDLING_STACKS } from "aws-cdk-lib/cx-api";
import { Template } from "aws-cdk-lib/assertions";
import type { Construct } from "constructs";
import { Fanjoin } from "../../infra/fanjoin.ts";
import type { FanjoinProps } from "../../infra/fanjoin.ts";

export function example(name: string): string {
  return fileURLToPath(import.meta.resolve(`../../examples/${name}.ts`));
}

const folder = mkdtempSync(join(tmpdir(), "fanjoin-jobs-"));

/** Writes the file of a job; by default one that is as short as possible. */
export function jobFile(
  name: string,
  text = `import { defineJob, range } from "fanjoin";
    export default defineJob({ name: ${JSON.stringify(name)}, input: range(1), process: (n) => n });`,
): string {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, text);
  return path;
}

/**
 * An app without bundles, which templates do not show, and without CloudFormation's own rules, which take
 * seconds; `nag.test.ts` checks those once.
 */
export function bareApp(context: object = {}, builtinCloudFormationValidation = false): App {
  return new App({
    context: { ...context, [BUNDLING_STACKS]: [] },
    analyticsReporting: false,
    builtinCloudFormationValidation,
  });
}

export interface Synthesised {
  readonly app: App;
  readonly stack: Stack;
  readonly fanjoin: Fanjoin;
}

/** `propsOf` receives the stack, because some properties are resources of it. */
export function fanjoinWith(
  propsOf: (scope: Construct) => FanjoinProps = () => ({}),
  app = bareApp(),
): Synthesised {
  const stack = new Stack(app, "shop");
  const fanjoin = new Fanjoin(stack, "Fanjoin", propsOf(stack));
  fanjoin.addJob("word-count", { entry: example("word-count") });
  fanjoin.addJob("primes", { entry: example("primes"), transport: "invoke" });
  return { app, stack, fanjoin };
}

export function templateOf({ stack }: Pick<Synthesised, "stack">): Template {
  return Template.fromStack(stack);
}

type Value = unknown;
/** Any part of a template: tests read it without types. */
export type Loose = ReturnType<typeof JSON.parse>;
export interface Properties {
  readonly [name: string]: Loose;
}

/** The properties of all resources of a type, by their ids without CDK's hash. */
export function resourcesOf(template: Template, type: string): Map<string, Properties> {
  const found = Object.entries<Properties>(template.findResources(type));
  return new Map(found.map(([id, resource]) => [plain(id), resource["Properties"] ?? {}]));
}

/** The properties of the only resource of its type. */
export function onlyOf(template: Template, type: string): Properties {
  const all = [...resourcesOf(template, type).values()];
  const [only] = all;
  if (!only || all.length > 1) throw new Error(`the template has ${all.length} resources of type ${type}`);
  return only;
}

/** The deletion policy of the only resource of its type. */
export function deletionPolicyOf(template: Template, type: string): string {
  const [only] = Object.values<Properties>(template.findResources(type));
  return only?.["DeletionPolicy"];
}

/** `FanjoinTable5F75392F` is `Table`. */
function plain(id: string): string {
  return id.replace(/^Fanjoin/, "").replace(/[0-9A-F]{8}$/, "");
}

/**
 * The permissions of each function's role: sorted lines of `action resource`, with the resources' ids, and
 * the values of a condition.
 */
export function privilegesOf(template: Template): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const policy of resourcesOf(template, "AWS::IAM::Policy").values()) {
    const [role] = policy["Roles"] as Value[];
    const statements = policy["PolicyDocument"].Statement as {
      Effect: string;
      Action: Value;
      Resource: Value;
      Condition?: { readonly [operator: string]: { readonly [key: string]: Value } };
    }[];
    const lines = statements.flatMap(({ Effect, Action, Resource, Condition = {} }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).map(
          (resource) =>
            `${Effect === "Allow" ? "" : "not "}${shown(action)} ${shown(resource)}${conditionText(Condition)}`,
        ),
      ),
    );
    all.set(shown(role).replace(/Role$/, ""), lines.toSorted());
  }
  return all;
}

function conditionText(condition: {
  readonly [operator: string]: { readonly [key: string]: Value };
}): string {
  const parts = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${key} ${operator} ${listOf(values).map(shown).join(", ")}`),
  );
  return parts.length === 0 ? "" : ` if ${parts.join(" and ")}`;
}

function listOf(value: Value): Value[] {
  return Array.isArray(value) ? value : [value];
}

/** A value of a template as text. A reference becomes the id of its resource. */
export function shown(value: Value): string {
  if (typeof value !== "object" || value === null) return String(value);
  const {
    Ref: id,
    "Fn::GetAtt": attribute,
    "Fn::Join": joined,
  } = value as {
    Ref?: string;
    "Fn::GetAtt"?: [string, string];
    "Fn::Join"?: [string, Value[]];
  };
  if (id !== undefined) return plain(id);
  if (attribute) return plain(attribute[0]);
  if (joined) return joined[1].map(shown).join(joined[0]);
  return JSON.stringify(value);
}
