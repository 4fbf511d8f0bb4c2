/** Compiles src/input/csv/plain-rows.wat, which is written by hand, into a module that needs no file. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { ROOT } from "./root.ts";

const FOLDER = join(ROOT, "src/input/csv");
const WIDTH = 96;

/** The text of `plain-rows-code.ts`. */
export async function plainRowsCode(): Promise<string> {
  const source = readFileSync(join(FOLDER, "plain-rows.wat"), "utf8");
  const compiled = (await wabt()).parseWat("plain-rows.wat", source, { simd: true });
  const code = Buffer.from(compiled.toBinary({}).buffer).toString("base64");
  const lines = Array.from({ length: Math.ceil(code.length / WIDTH) }, (_, line) =>
    code.slice(line * WIDTH, (line + 1) * WIDTH),
  );
  return `/** \`plain-rows.wat\`, compiled by \`node build/plain-rows.ts\`; a test holds it to its source. */
export const PLAIN_ROWS_CODE = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(FOLDER, "plain-rows-code.ts"), await plainRowsCode());
