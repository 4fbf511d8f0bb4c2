/** Jobs that read with each reader, and what failed of their batches. */
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { MAX_UNPACKED_BYTES } from "../../awful/awful.ts";
import { workspace } from "../command.ts";
import type { Workspace } from "../command.ts";

export const READERS = ["csv", "jsonl", "lines", "json"] as const;

export type ReaderName = (typeof READERS)[number];

interface Failed {
  readonly source: string;
  readonly line: number | null;
  readonly offset: number | null;
  readonly code: string;
  readonly error: { readonly message: string };
  readonly item: string;
}

/** A workspace with one counting job for each reader. */
export function jobs(env: NodeJS.ProcessEnv = {}): Workspace {
  const at = workspace(env);
  for (const reader of READERS) {
    at.write(
      `${reader}.ts`,
      `import { count, defineJob, ${reader} } from "fanjoin";
      export default defineJob({ name: "${reader}", input: ${reader}({ maxUnpackedBytes: ${MAX_UNPACKED_BYTES} }), process: () => null, join: count(), retries: 0 });`,
    );
  }
  return at;
}

export function failedOf(at: Workspace, { batch, failed }: BatchSummary): Failed[] {
  const text = failed ? at.read(`.fanjoin/batches/${batch}/failed.jsonl`) : "";
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Failed);
}
