/** Bundles of functions: one small file each, with the user's job inside. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../../../infra/resources/bundle.ts";
import type { FunctionName, JobCode } from "../../../infra/resources/bundle.ts";
import { example } from "../synth.ts";

const DOCUMENT = join(import.meta.dirname, "../../../docs/aws.md");
const NAMES: readonly FunctionName[] = ["api", "coordinator", "dead-letter", "join", "sweeper", "worker"];
/**
 * A limit of our own, for cold starts; Lambda's is far higher
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html).
 */
const MAX_BYTES = 1_000_000;
/** How much a size in the table may be out of date, as a share. */
const TOLERANCE = 0.05;

const folder = mkdtempSync(join(tmpdir(), "fanjoin-bundles-"));

function job(text: string, props: Partial<JobCode> = {}): JobCode {
  const file = join(folder, `job-${Math.random()}.ts`);
  writeFileSync(file, text);
  return { name: "sales", file, ...props };
}

const textOf = (name: FunctionName, code: JobCode | null): string =>
  Buffer.from(bundle(name, code)).toString();

/** The sizes in KB in the table of docs/aws.md, with rows like `| `worker` | 512 KB | …`. */
function documentedSizes(): Map<string, number> {
  const rows = readFileSync(DOCUMENT, "utf8").matchAll(/^\| `([a-z-]+)` \| (\d+) KB \|/gm);
  return new Map([...rows].map(([, name = "", kilobytes]) => [name, Number(kilobytes)]));
}

test.for(NAMES)("the bundle of %s is as small as docs/aws.md says, and below 1 MB", (name) => {
  const { length } = bundle(name, null);
  expect(length).toBeLessThan(MAX_BYTES);
  const documented = documentedSizes().get(name) ?? 0;
  expect(
    Math.abs(length / 1000 - documented),
    `docs/aws.md says ${documented} KB, the bundle has ${Math.round(length / 1000)} KB`,
  ).toBeLessThan(Math.max(documented * TOLERANCE, 5));
});

test("a job is bundled into its worker and its join, and into no other function", () => {
  const code = { name: "word-count", file: example("word-count") };
  for (const name of ["worker", "join"] as const) expect(textOf(name, code)).toContain('"word-count"');
  expect(textOf("api", null)).not.toContain('"word-count"');
});

test("bundles contain no credential provider but the environment", () => {
  for (const name of NAMES) expect(textOf(name, null)).not.toMatch(/sso-oidc|AWS_WEB_IDENTITY_TOKEN_FILE/);
});

test("minifying keeps the names of error classes, which failed items carry", () => {
  const code = job(`
    import { defineJob, range } from "fanjoin";
    class OutOfStock extends Error {}
    export default defineJob({ name: "sales", input: range(1), process: () => { throw new OutOfStock("none"); } });
  `);
  expect(textOf("worker", code)).toMatch(/\w+\(\w+,"OutOfStock"\)|"OutOfStock"/);
});

test("define inserts a constant, and external leaves a package out", () => {
  const text = 'import dog from "woof"; export default [dog, process.env.SHOP];';
  const made = textOf("worker", job(text, { external: ["woof"], define: { "process.env.SHOP": '"north"' } }));
  expect(made).toContain('from"woof"');
  expect(made).toContain('"north"');
});

test.for([
  ["a syntax error", "export default {;", /job sales \(.*\) cannot be bundled: .*:1: /],
  ["no default export", "export const job = 1;", /has no default export, only job\./],
  [
    "a package that is not installed",
    'import "nowhere-to-be-found"; export default 1;',
    /Could not resolve "nowhere-to-be-found"/,
  ],
] as const)("a job with %s is refused with a reason", ([, text, message]) => {
  expect(() => bundle("worker", job(text))).toThrow(message);
});
