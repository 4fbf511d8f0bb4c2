import { expect, test } from "vitest";
import { urlsInManifest } from "../../../src/steps/planning/manifest.ts";

const A = "s3://in/a";
const B = "s3://in/b";

/** The URLs of a manifest of these blocks; `fails`: what the store throws behind them. */
async function urlsOf(
  blocks: readonly (string | Uint8Array)[],
  { passed = 0, fails }: { readonly passed?: number; readonly fails?: Error } = {},
): Promise<string[]> {
  async function* read(): AsyncGenerator<Uint8Array> {
    for (const block of blocks) yield typeof block === "string" ? Buffer.from(block) : block;
    if (fails) throw fails;
  }
  const manifest = { name: "s3://in/list", label: "list", size: 1, version: "1" };
  return Array.fromAsync(urlsInManifest({ read }, manifest, passed));
}

test.for<[string, string[]]>([
  ["JSON lines", [`"${A}"\n"${B}"\n`]],
  ["JSON lines without an end, with blank lines between", [`\n  \n"${A}"\n \t\n{"object":"${B}"}`]],
  ["JSON lines, cut anywhere", [" ", "\n", `"s3:`, `//in/a"`, `\n`, `"${B}"`]],
  ["an array", [`["${A}", {"object": "${B}"}]`]],
  ["an array behind white space and a byte order mark", ["\uFEFF", " \n\t\r", `[\n"${A}",\n"${B}"\n]\n`]],
])("%s name the objects in order", async ([, blocks]) => {
  expect(await urlsOf(blocks)).toEqual([A, B]);
  expect(await urlsOf(blocks, { passed: 1 })).toEqual([B]);
  expect(await urlsOf(blocks, { passed: 2 })).toEqual([]);
});

test.for<[string, (string | Uint8Array)[], string]>([
  ["nothing", [], "lists no objects"],
  ["white space", [" \n \n"], "lists no objects"],
  ["an empty array", ["[]"], "lists no objects"],
  ["bytes that are not UTF-8", [Buffer.from([0x22, 0xff, 0x22])], "is not UTF-8"],
  ["half of a character at the end", [Buffer.from([0x22, 0xc3])], "is not UTF-8"],
  ["an array that ends early", [`["${A}", `], "is neither a JSON array nor JSON lines"],
  ["a line that is no JSON", [`"${A}"\noops\n`], "is neither a JSON array nor JSON lines"],
  ["a line without an end", [`"${"x".repeat(20_000)}`], "is neither a JSON array nor JSON lines"],
  ["null", ["null"], "has the entry null (number 0), which is not the s3:// URL of an object"],
  ["a number", [`"${A}"\n 7 \n`], "has the entry 7 (number 1), which"],
  ["an entry without an object", [`{"url":"${A}"}`], `has the entry {"url":"${A}"} (number 0), which`],
  ["another kind of URL", [`["https://in/a"]`], `has the entry "https://in/a" (number 0), which`],
])("a manifest of %s is refused", async ([, blocks, message]) => {
  await expect(urlsOf(blocks)).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining(message) as string,
  });
});

test.for(["[", `["${A}",`, "", `"${A}"\n`])("what the store throws behind %j is thrown", async (text) => {
  const fails = new Error("the store is down");
  await expect(urlsOf([text], { fails })).rejects.toBe(fails);
});

test("the blocks of the store stay as they are", async () => {
  const block = Buffer.from(`[\n"${A}",\n"${B}"\n]`);
  const before = Buffer.from(block);
  await urlsOf([block]);
  expect(block).toEqual(before);
});
