import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { isInstalled } from "../../bench/available.ts";
import { canWatchTrees } from "../../bench/process-tree.ts";

const run = promisify(execFile);
/** Each starts some programs, which take seconds on a busy machine. */
const TIMEOUT_MS = 240_000;

interface Document {
  readonly contestants: readonly {
    readonly name: string;
    readonly skipped: string | null;
    readonly median: { readonly [figure: string]: number };
  }[];
  readonly tables: readonly { readonly rows: readonly (readonly string[])[] }[];
  readonly targets: readonly { readonly name: string; readonly value: number | null }[];
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "fanjoin-test-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

async function compare(...args: string[]): Promise<Document> {
  const { stdout } = await run(process.execPath, [
    "bench/run.ts",
    "compare",
    "--quick",
    "--rounds",
    "1",
    "--json",
    ...args,
  ]);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Document;
}

test(
  "the comparison has figures of those who are there, and the page and charts say them",
  async () => {
    const page = join(folder(), "page.md");
    const only = "Python loop,Pool,JavaScript loop,piscina,fanjoin";
    const { contestants, tables } = await compare("--only", only, "--write", page);
    expect(contestants.map(({ name }) => name)).toEqual(
      ["cpu", "file", "network"].flatMap((work) => only.split(",").map((name) => `${work}: ${name}`)),
    );
    for (const { name, skipped, median } of contestants) {
      expect([name, skipped === null]).toEqual([name, !/Py|Pool/.test(name) || isInstalled("python3")]);
      expect((median["manyMs"] ?? 0) > 0).toBe(skipped === null);
    }
    expect(median("network: JavaScript loop")["manyMs"]).toBeGreaterThanOrEqual(8 * 50);
    const seen = tables[1]?.rows.at(-1)?.[1];
    expect(seen).toBe(canWatchTrees() ? "the others finished, the failure named" : undefined);
    expect(readFileSync(page, "utf8")).toMatch(/^\| \*\*fanjoin\*\* \| [\d.]+ \|/m);
    expect(readFileSync(join(page.slice(0, -3), "network.svg"), "utf8")).toContain(">fanjoin</text>");

    function median(name: string): { readonly [figure: string]: number } {
      return contestants.find((standing) => standing.name === name)?.median ?? {};
    }
  },
  TIMEOUT_MS,
);

test(
  "contestants that are not installed are skipped, and their targets not measured",
  async () => {
    const { contestants, targets } = await compare(
      "--python",
      "no-such-python",
      "--only",
      "Pool,JavaScript loop",
    );
    for (const { name, skipped } of contestants)
      expect([name, skipped]).toEqual([name, name.endsWith("Pool") ? "python3 is not installed" : null]);
    expect(targets.map(({ value }) => value)).toEqual(targets.map(() => null));
  },
  TIMEOUT_MS,
);
