/** A stack with two jobs, one of each transport, as a template; and what its functions may do, in words. */
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

/**
 * Without code, which templates do not show; and without CloudFormation's own rules, which take seconds:
 * `nag.test.ts` has them looked at once.
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

/** `propsOf` is given the stack, for properties that are resources themselves. */
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
/** Whatever a template holds: tests look into it as they please. */
export type Loose = ReturnType<typeof JSON.parse>;
export interface Properties {
  readonly [name: string]: Loose;
}

/** All resources of a type: their properties, by their ids without CDK's hash. */
export function resourcesOf(template: Template, type: string): Map<string, Properties> {
  const found = Object.entries<Properties>(template.findResources(type));
  return new Map(found.map(([id, resource]) => [plain(id), resource["Properties"] ?? {}]));
}

/** The one resource of its type. */
export function onlyOf(template: Template, type: string): Properties {
  const all = [...resourcesOf(template, type).values()];
  const [only] = all;
  if (!only || all.length > 1) throw new Error(`there are ${all.length} of ${type}`);
  return only;
}

/** What CloudFormation does with the one resource of its type when the stack is deleted. */
export function endOf(template: Template, type: string): string {
  const [only] = Object.values<Properties>(template.findResources(type));
  return only?.["DeletionPolicy"];
}

/** `FanjoinTable5F75392F` is `Table`. */
function plain(id: string): string {
  return id.replace(/^Fanjoin/, "").replace(/[0-9A-F]{8}$/, "");
}

/** What the role of each function allows: `action resource`, sorted, resources by their ids. */
export function privilegesOf(template: Template): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const policy of resourcesOf(template, "AWS::IAM::Policy").values()) {
    const [role] = policy["Roles"] as Value[];
    const statements = policy["PolicyDocument"].Statement as {
      Effect: string;
      Action: Value;
      Resource: Value;
    }[];
    const lines = statements.flatMap(({ Effect, Action, Resource }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).map(
          (resource) => `${Effect === "Allow" ? "" : "not "}${shown(action)} ${shown(resource)}`,
        ),
      ),
    );
    all.set(shown(role).replace(/Role$/, ""), lines.toSorted());
  }
  return all;
}

function listOf(value: Value): Value[] {
  return Array.isArray(value) ? value : [value];
}

/** A value of a template in words: a reference is the id of what it refers to. */
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
