/** Commands load only the packages that they need, because loading takes time. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, workspace } from "./command.ts";

/** Prints on standard error which packages the main thread has loaded. */
const HOOK = `
  import { registerHooks } from "node:module";
  import { isMainThread } from "node:worker_threads";
  const loaded = new Set();
  if (isMainThread) {
    registerHooks({ resolve(specifier, context, next) {
      const found = next(specifier, context);
      loaded.add(/.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(found.url)?.[1]);
      return found;
    } });
    process.on("exit", () => console.error("loaded " + [...loaded].join(" ") + " end"));
  }
`;
const PRELOAD = `--import=data:text/javascript,${encodeURIComponent(HOOK)}`;

test("the packages for AWS and for watching folders are loaded only by commands that need them", () => {
  const cwd = workspace().path;
  const env = { ...process.env, FANJOIN_TOKEN: "t" };
  // The sources: the published command has all packages in it.
  const loadedBy = (...args: string[]): string => {
    const command = [PRELOAD, join(ROOT, "bin/fanjoin.js"), ...args];
    const { stderr } = spawnSync(process.execPath, command, { cwd, env, encoding: "utf8" });
    return /loaded (.*) end/.exec(stderr)?.[1] ?? "";
  };
  const here = loadedBy("list");
  expect(here).toContain("commander");
  expect(here).not.toMatch(/@aws|@smithy|chokidar/);
  expect(loadedBy("list", "--endpoint", "http://127.0.0.1:1")).toContain("@smithy/node-http-handler");
});
