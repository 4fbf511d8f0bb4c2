/** A stack with two jobs, one of each transport, as a template; and what its functions may do, in words. */
import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import type { Construct } from "constructs";
import { Fanjoin } from "../../infra/fanjoin.ts";
import type { FanjoinProps } from "../../infra/fanjoin.ts";

export function example(name: string): string {
  return fileURLToPath(import.meta.resolve(`../../examples/${name}.ts`));
}

export interface Synthesised {
  readonly app: App;
  readonly stack: Stack;
  readonly fanjoin: Fanjoin;
}

/** `propsOf` is given the stack, for properties that are resources themselves. */
export function fanjoinWith(propsOf: (scope: Construct) => FanjoinProps = () => ({})): Synthesised {
  // CloudFormation's own rules take seconds: `nag.test.ts` has them looked at once.
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
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
interface Resource {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: Value };
}

/** All resources of a type: their properties, by their ids without CDK's hash. */
export function resourcesOf(template: Template, type: string): Map<string, { readonly [name: string]: any }> {
  const found = template.findResources(type) as { readonly [id: string]: Resource };
  return new Map(Object.entries(found).map(([id, resource]) => [plain(id), resource.Properties ?? {}]));
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

export { Match };
