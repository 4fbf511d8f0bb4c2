/** State directories that somebody tampered with. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished } from "vitest";
import type { Fields } from "../../src/core/records/record.ts";
import type { Workspace } from "./command.ts";

export const STATE = ".fanjoin/state.db";

/** Something outside of the state directory that nobody may touch. */
export function secretFolder(): { readonly path: string; check(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "fanjoin-secret-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const names = ["id_ed25519", "result-abc.json", "outputs.new", "m5-main", "cancel-01A", "result.json"];
  for (const name of names) writeFileSync(join(path, name), name);
  mkdirSync(join(path, "01A"));
  writeFileSync(join(path, "01A", "result-abc.json"), "mine");
  const all = (): string[] => globSync("**", { cwd: path }).toSorted();
  const before = all();
  return {
    path,
    check() {
      expect(all()).toEqual(before);
      for (const name of names) expect(readFileSync(join(path, name), "utf8")).toBe(name);
    },
  };
}

/** Changes the record of the only batch. */
export function changeBatch(at: Workspace, change: (fields: Fields) => Fields): void {
  using state = new DatabaseSync(join(at.path, STATE));
  const row = state.prepare("SELECT key, body FROM records WHERE key LIKE 'batch/%'").get();
  const fields = change(JSON.parse(String(row?.["body"])) as Fields);
  state
    .prepare("UPDATE records SET body = ?, sum = NULL WHERE key = ?")
    .run(JSON.stringify(fields), String(row?.["key"]));
}
