/** Makes docs/api-reference.md of the docstrings of everything that the package exports. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(ROOT, "docs/api-reference.md");

/** The doors of the package, with what each is for. */
const ENTRIES = [
  ["fanjoin", "src/index.ts", "jobs: readers, joins, `defineJob`"],
  ["fanjoin/local", "src/open/open.ts", "batches in this process"],
  ["fanjoin/client", "src/client/connect.ts", "batches of a stack"],
  ["fanjoin/testing", "src/testing/testing.ts", "tests of jobs"],
  ["fanjoin/cdk", "infra/fanjoin.ts", "the construct"],
] as const;

/** An exported symbol. */
export interface PublicSymbol {
  readonly entry: string;
  readonly name: string;
  /** Its declarations, without bodies: a function may have several. */
  readonly declarations: readonly string[];
  /** The text of its docstring, `null` if it has none. */
  readonly doc: string | null;
}

type Node = ReturnType<typeof parseSync>["program"]["body"][number];

interface Source {
  readonly text: string;
  readonly body: readonly Node[];
  /** Docstrings, by the position after them. */
  readonly docs: readonly { readonly end: number; readonly text: string }[];
}

const sources = new Map<string, Source>();

function sourceOf(path: string): Source {
  const known = sources.get(path);
  if (known) return known;
  const text = readFileSync(path, "utf8");
  const { program, comments } = parseSync(path, text);
  const docs = comments
    .filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .map(({ end, value }) => ({ end, text: value }));
  const source = { text, body: program.body, docs };
  sources.set(path, source);
  return source;
}

/** Everything that the entries export, in the order of their files. */
export function publicSymbols(): readonly PublicSymbol[] {
  return ENTRIES.flatMap(([entry, file]) =>
    exportsOf(join(ROOT, file)).map(([name, path, local]) => ({ entry, name, ...declared(path, local) })),
  );
}

/** `[name, file, name there]` of what a file exports. */
function exportsOf(path: string): readonly (readonly [string, string, string])[] {
  return sourceOf(path).body.flatMap((node) => {
    if (node.type === "ExportAllDeclaration") return exportsOf(join(dirname(path), node.source.value));
    if (node.type !== "ExportNamedDeclaration") return [];
    const from = node.source === null ? null : join(dirname(path), node.source.value);
    const own = node.declaration === null ? [] : namesOf(node.declaration);
    return [
      ...own.map((name) => [name, path, name] as const),
      ...node.specifiers.map(({ exported, local }) => {
        const name = nameOf(local);
        return [nameOf(exported), from ?? importedFrom(path, name), name] as const;
      }),
    ];
  });
}

/** The file that a file imports `name` from. */
function importedFrom(path: string, name: string): string {
  for (const node of sourceOf(path).body) {
    if (node.type !== "ImportDeclaration") continue;
    if (node.specifiers.some(({ local }) => local.name === name))
      return join(dirname(path), node.source.value);
  }
  return path;
}

function nameOf(node: { readonly type: string }): string {
  return "name" in node ? String(node.name) : "value" in node ? String(node.value) : "";
}

function namesOf(declaration: object): string[] {
  if ("id" in declaration && declaration.id) return [nameOf(declaration.id as { type: string })];
  if (!("declarations" in declaration)) return [];
  return (declaration.declarations as { readonly id: { type: string } }[]).map(({ id }) => nameOf(id));
}

function declared(path: string, name: string): Pick<PublicSymbol, "declarations" | "doc"> {
  const { text, body, docs } = sourceOf(path);
  const found = body.filter(
    (node) =>
      node.type === "ExportNamedDeclaration" && node.declaration && namesOf(node.declaration).includes(name),
  );
  const passedOn = exportsOf(path).find(([exported, from]) => exported === name && from !== path);
  if (found.length === 0 && passedOn) return declared(passedOn[1], passedOn[2]);
  const doc = found.flatMap((node) =>
    docs.filter(({ end }) => end <= node.start && text.slice(end, node.start).trim() === ""),
  );
  // The last of several declarations of one function is the one with the body.
  const shown = found.length > 1 ? found.slice(0, -1) : found;
  return { declarations: shown.map((node) => textOf(text, node)), doc: doc[0] ? prose(doc[0].text) : null };
}

/** The declaration without the bodies of functions. */
function textOf(text: string, node: Node): string {
  const { declaration } = node as { readonly declaration: object };
  const whole = text.slice(node.start, node.end);
  if ("body" in declaration && "params" in declaration && declaration.body)
    return `${text.slice(node.start, (declaration.body as { start: number }).start).trimEnd()};`;
  if (!("superClass" in declaration)) return whole;
  return withoutBodies(text, node, declaration as unknown as ClassLike);
}

interface ClassLike {
  readonly body: { readonly body: readonly MemberLike[] };
}

interface MemberLike {
  readonly start: number;
  readonly end: number;
  readonly key?: { readonly type: string };
  readonly value?: { readonly body?: { readonly start: number; readonly end: number } | null } | null;
}

function withoutBodies(text: string, node: Node, { body: { body } }: ClassLike): string {
  let shown = "";
  let at = node.start;
  for (const { start, end, key, value } of body) {
    const isPrivate = key?.type === "PrivateIdentifier";
    shown += text.slice(at, isPrivate ? start : (value?.body?.start ?? end)).trimEnd();
    if (!isPrivate && value?.body) shown += ";";
    at = end;
  }
  return shown + text.slice(at, node.end);
}

/** The sentences of a docstring, without stars. */
function prose(comment: string): string {
  const lines = comment
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  return lines.join("\n").trim();
}

export function apiReference(): string {
  const symbols = publicSymbols();
  const parts = ENTRIES.map(([entry, , about]) => {
    const own = symbols.filter((symbol) => symbol.entry === entry);
    return [`## \`${entry}\`: ${about}`, ...own.map(shown)].join("\n\n");
  });
  const head = `# API reference

This page is for those who look up a name. It is made of the docstrings of the sources by
\`node build/api-reference.ts\`; a test holds it to them.`;
  return `${[head, ...parts].join("\n\n")}\n`;
}

function shown({ name, declarations, doc }: PublicSymbol): string {
  const code = declarations.map((text) => text.replace(/^export /, "")).join("\n");
  return `### ${name}\n\n${doc ?? ""}\n\n\`\`\`ts\n${code}\n\`\`\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, apiReference());
