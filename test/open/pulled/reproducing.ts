/** Runs a job, pulls chunks of its batch, and runs these again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import type { PullOptions, SubmitOptions } from "../../../src/door/fanjoin.ts";
import { open } from "../../../src/open/open.ts";
import type { LocalFanjoin } from "../../../src/open/open.ts";
import { writePulled } from "../../../src/open/pulled/write-pulled.ts";

export interface Bench {
  readonly path: (name: string) => string;
  readonly fanjoin: LocalFanjoin;
  readonly notices: string[];
  write(name: string, content: string | Uint8Array): string;
}

export async function bench(): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), "fanjoin-pulled-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  vi.spyOn(process, "cwd").mockReturnValue(root);
  onTestFinished(() => void vi.restoreAllMocks());
  const notices: string[] = [];
  const fanjoin = await open({
    directory: join(root, ".fanjoin"),
    threads: 1,
    onNotice: (line, kind) => void (kind === "code" && notices.push(line)),
  });
  onTestFinished(() => fanjoin.close());
  const path = (name: string): string => join(root, name);
  return {
    path,
    fanjoin,
    notices,
    write(name, content) {
      writeFileSync(path(name), content);
      return path(name);
    },
  };
}

/** Every seventh item fails, and says which one it is, with its key. */
export function job(input: string, value: string): string {
  return `
  import { collect, csv, defineJob, from, items, json, jsonl, lines, parquet, range } from "fanjoin";
  export default defineJob({ name: "picky", input: ${input}, retries: 0, join: collect(),
    process(item, ctx) {
      const n = Number(${value});
      if (n % 7 === 3) throw new TypeError(\`no \${n} with \${ctx.key} of \${JSON.stringify(ctx.params)}\`);
      return n;
    } });`;
}

export interface Case {
  readonly input: string;
  readonly value: string;
  readonly files?: { readonly [name: string]: string | Uint8Array };
  readonly items?: SubmitOptions["input"];
  readonly chunk: SubmitOptions["chunk"];
}

export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(values);
}

/** Runs a case, pulls, and runs what was pulled. */
export async function reproduce(at: Bench, one: Case, options: PullOptions = { failed: true }) {
  const file = at.write("picky.ts", job(one.input, one.value));
  const files = Object.entries(one.files ?? {}).map(([name, content]) => at.write(name, content));
  const input = one.items ?? (files.length > 0 ? files : undefined);
  const params = one.items === undefined ? { day: "2026-11-29" } : null;
  const batch = await at.fanjoin.submit(file, { input, params, chunk: one.chunk });
  await batch.ended();
  const written = await writePulled(at.path("pulled"), batch.pull(options));
  // Nothing but the directory is needed.
  for (const path of files) rmSync(path);
  const again = await at.fanjoin.submit(file, { pulled: at.path("pulled") });
  const ended = await again.ended();
  return { batch, written, again, ended, failed: await all(batch.failed()) };
}
