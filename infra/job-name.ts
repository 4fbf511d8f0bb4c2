/**
 * Reads the name of a job from the syntax of its file, without running it. A job of another name would only
 * fail once it is deployed, at its first invocation.
 */
import { parse } from "acorn";
import type {
  CallExpression,
  Expression,
  Identifier,
  Literal,
  ObjectExpression,
  Pattern,
  Program,
  Property,
  Super,
} from "acorn";
import { Annotations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { plainCode } from "./resources/bundle.ts";
import type { JobCode } from "./resources/bundle.ts";
import { invalid } from "./resources/check-props.ts";

/**
 * Throws `JOB_INVALID` if the file defines a job of another name than `job.name`. Warns at `scope` if its
 * syntax does not show the name.
 */
export function checkNameInFile(scope: IConstruct, job: JobCode): void {
  const defined = nameInFile(job);
  if (defined === job.name) return;
  if (defined !== null) {
    throw invalid(
      `${job.name}: the file ${job.file} defines the job ${JSON.stringify(defined)}, but addJob names it ${JSON.stringify(job.name)}. Functions and queues are named after the job: write addJob(${JSON.stringify(defined)}, …), or change the name in the file.`,
    );
  }
  Annotations.of(scope).addWarningV2(
    "fanjoin:jobName",
    `${job.name}: the file ${job.file} does not show its job's name, so nobody checks that it is ${JSON.stringify(job.name)}. With another name, every invocation of its functions will fail. Write the name as a literal: export default defineJob({ name: ${JSON.stringify(job.name)}, … }).`,
  );
}

/** A file that cannot be parsed has no name. Bundling it says what is wrong with it. */
function nameInFile(job: JobCode): string | null {
  try {
    return nameIn(plainCode(job));
  } catch {
    return null;
  }
}

/**
 * The name in `defineJob({ name: "…" })`, the default export of `code`, which is JavaScript. `null` if the
 * name is not a literal, or may be changed by code elsewhere: only a name that is certain is refused. Throws
 * a `SyntaxError`.
 */
export function nameIn(code: string): string | null {
  const definition = definitionIn(code);
  return definition && literalName(definition);
}

/** The argument of `defineJob`, if it is written there. Throws a `SyntaxError`. */
export function definitionIn(code: string): ObjectExpression | null {
  const program = parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
  const exported = resolved(program, defaultExport(program));
  if (exported?.type !== "CallExpression" || calledName(program, exported) !== "defineJob") return null;
  const [definition] = exported.arguments;
  return definition?.type === "ObjectExpression" ? definition : null;
}

/**
 * The expression that is exported: a value, or the variable that holds it. Compilers assign to `exports` more
 * than once; the last value counts.
 */
function defaultExport({ body }: Program): Expression | null {
  return body.map(exportedBy).findLast((found) => found !== null) ?? null;
}

function exportedBy(node: Program["body"][number]): Expression | null {
  if (node.type === "ExpressionStatement") return assignedToExports(node.expression);
  if (node.type === "ExportDefaultDeclaration") {
    const { declaration } = node;
    return declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration"
      ? null
      : declaration;
  }
  if (node.type !== "ExportNamedDeclaration" || node.source) return null;
  const found = node.specifiers.find(({ exported }) => nameOf(exported) === "default");
  return found?.local.type === "Identifier" ? found.local : null;
}

/** Files may be CommonJS. */
const COMMON_JS_EXPORTS: ReadonlySet<string | null> = new Set([
  "module.exports",
  "exports.default",
  "module.exports.default",
]);

function assignedToExports(node: Expression): Expression | null {
  if (node.type !== "AssignmentExpression" || node.operator !== "=") return null;
  return COMMON_JS_EXPORTS.has(pathOf(node.left)) ? node.right : null;
}

/** `a.b.c` as text; `null` for anything else. */
function pathOf(node: Expression | Pattern | Super): string | null {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return null;
  const owner = pathOf(node.object);
  return owner === null ? null : `${owner}.${node.property.name}`;
}

/** What a constant of the file's top level was declared as; any other expression as it is. */
function resolved(program: Program, expression: Expression | null): Expression | null {
  if (expression?.type !== "Identifier") return expression;
  const { name } = expression;
  const declarations = program.body.flatMap((node) => {
    const inner = node.type === "ExportNamedDeclaration" ? node.declaration : node;
    return inner?.type === "VariableDeclaration" && inner.kind === "const" ? inner.declarations : [];
  });
  return declarations.find(({ id }) => id.type === "Identifier" && id.name === name)?.init ?? null;
}

/**
 * The name under which fanjoin exports the called function, which an import may have renamed. `null` for a
 * function of another module: it may do anything with the name.
 */
function calledName(program: Program, { callee }: CallExpression): string | null {
  // Compilers write `(0, fanjoin_1.defineJob)(…)`.
  const called = callee.type === "SequenceExpression" ? callee.expressions.at(-1) : callee;
  const [owner = "", ...members] = (called && pathOf(called))?.split(".") ?? [];
  const imported = importOf(program, owner);
  if (imported && imported.from !== "fanjoin") return null;
  return members.at(-1) ?? imported?.name ?? owner;
}

/** The import that declares `local`. A namespace, or a default import, has no name. */
function importOf(
  program: Program,
  local: string,
): { readonly name: string | null; readonly from: unknown } | null {
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration") continue;
    const found = node.specifiers.find((one) => one.local.name === local);
    if (!found) continue;
    const name = found.type === "ImportSpecifier" ? nameOf(found.imported) : null;
    return { name, from: node.source.value };
  }
  return null;
}

/** The last `name` counts. After a spread, or a key that only running the code shows, none is known. */
function literalName({ properties }: ObjectExpression): string | null {
  let name: string | null = null;
  for (const property of properties) {
    const key = property.type === "SpreadElement" ? null : keyOf(property);
    if (key !== null && key !== "name") continue;
    const isKnown = key === "name" && property.type === "Property" && property.kind === "init";
    name = isKnown ? literalOf(property.value) : null;
  }
  return name;
}

/** `null` if only running the code shows the key. */
function keyOf({ key, computed }: Property): string | null {
  if (computed) return literalOf(key);
  return key.type === "Identifier" ? key.name : (literalOf(key) ?? "");
}

function nameOf(node: Identifier | Literal): string | null {
  return node.type === "Identifier" ? node.name : literalOf(node);
}

/** The string that a literal stands for. */
function literalOf(node: Expression | Literal): string | null {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : null;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return null;
  return node.quasis[0]?.value.cooked ?? null;
}
