/** A thread that a debugger may hold is not ended. */
import { expect, test } from "vitest";
import { rangeJob, workspace } from "../../cli/command.ts";

/** Longer than the item may take, as at a breakpoint. */
const BUSY = "(n) => { if (n === 1) for (const end = Date.now() + 1500; Date.now() < end;); return n; }";

test("an item that stands still for longer than it may take fails, but not where an inspector is open", async () => {
  const at = workspace();
  const debugged = workspace({ NODE_OPTIONS: "--inspect=127.0.0.1:0" });
  for (const place of [at, debugged])
    place.write("busy.ts", rangeJob({ to: 3, process: BUSY, more: "itemTimeoutMs: 100," }));
  const [plain, held] = [await at.json("run", "busy.ts"), await debugged.json("run", "busy.ts")];
  expect(plain.summary).toMatchObject({ items: { succeeded: 2, failed: 1 } });
  expect(held.stderr).toContain("Debugger listening");
  expect(held.summary).toMatchObject({ items: { succeeded: 3, failed: 0 } });
});
