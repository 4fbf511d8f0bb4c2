/** Comments and Markdown wrap at the formatter's width. The formatter itself wraps neither. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { ROOT, projectFiles } from "./project-files.ts";

const { printWidth: WIDTH } = JSON.parse(readFileSync(join(ROOT, ".oxfmtrc.json"), "utf8")) as {
  readonly printWidth: number;
};

/** The numbers of long lines, from 1. A single word, such as a URL, cannot be wrapped. */
function longLines(lines: readonly string[], isProse: (line: string, at: number) => boolean): number[] {
  return lines.flatMap((line, at) => (line.length > WIDTH && isProse(line, at) ? [at + 1] : []));
}

const canWrap = (line: string): boolean =>
  line.replace(/^\s*(?:\/\*\*|\*|\/\/|[-*>]|\d+\.)?\s*/, "").includes(" ");

function longComments(path: string, text: string): number[] {
  const lines = text.split("\n");
  const commented = new Set<number>();
  for (const { start, end } of parseSync(path, text).comments) {
    const first = text.slice(0, start).split("\n").length - 1;
    const count = text.slice(start, end).split("\n").length;
    for (let line = first; line < first + count; line++) commented.add(line);
  }
  return longLines(lines, (line, at) => commented.has(at) && canWrap(line));
}

/** Table rows, code blocks, inline code and links cannot be wrapped. */
function longProse(text: string): number[] {
  const lines = text.split("\n");
  const code = new Set<number>();
  let inCode = false;
  for (const [at, line] of lines.entries()) {
    if (line.trimStart().startsWith("```")) inCode = !inCode;
    if (inCode) code.add(at);
  }
  const words = (line: string): string => line.replaceAll(/`[^`]*`|\[[^\]]*\]\([^)]*\)/g, "word");
  return longLines(
    lines,
    (line, at) => !code.has(at) && !line.trimStart().startsWith("|") && canWrap(words(line)),
  );
}

const texts = projectFiles.filter((path) => /\.(?:ts|js|mjs|md)$/.test(path));

test("comments and Markdown wrap at the formatter's width", () => {
  const long = texts.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const numbers = path.endsWith(".md") ? longProse(text) : longComments(path, text);
    return numbers.map((number) => `${path}:${number}`);
  });
  expect(long).toEqual([]);
  expect(texts.length).toBeGreaterThan(0);
});

test("long comments of all kinds are found; long code and long words are ignored", () => {
  const long = "word ".repeat(30);
  const text = [
    `// ${long}`,
    `const a = "${long}";`,
    `/** ${long} */`,
    `/**`,
    ` * ${long}`,
    ` * https://example.com/${"x".repeat(120)}`,
    ` */`,
    `const b = 1; // ${long}`,
    `const c = "// ${long}";`,
  ].join("\n");
  expect(longComments("x.ts", text)).toEqual([1, 3, 5, 8]);
});

test("long prose is found; tables, code and long words are ignored", () => {
  const long = "word ".repeat(30);
  const text = [long, `| ${long} |`, "```", long, "```", `- ${"x".repeat(120)}`, `- ${long}`].join("\n");
  expect(longProse(text)).toEqual([1, 7]);
});
