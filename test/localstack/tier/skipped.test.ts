import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../memory/directory.ts";

const TIER = fileURLToPath(new URL("tier.ts", import.meta.url));

test("if LocalStack cannot be started, the missing requirements are listed and every test counts as skipped", () => {
  const empty = temporaryDirectory();
  try {
    const env = { PATH: empty.path("bin"), HOME: empty.path("home"), LOCALSTACK_HOME: empty.path("install") };
    const { status, stdout } = spawnSync(process.execPath, [TIER], { env, encoding: "utf8" });
    const lines = stdout.trimEnd().split("\n");
    for (const missing of ["a container engine", "a JDK", "Maven"]) expect(stdout).toContain(`- ${missing}`);
    expect(lines.at(-1)).toMatch(/^0 passed, 0 failed, [1-9]\d* skipped$/);
    expect(status).toBe(0);
  } finally {
    empty.remove();
  }
});
