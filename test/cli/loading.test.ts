/** Commands load only the packages that they need, because loading takes time. */
import { expect, test } from "vitest";
import { workspace } from "./command.ts";

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
const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(HOOK)}` };

test("the packages for AWS and for watching folders are loaded only by commands that need them", async () => {
  const at = workspace({ ...env, FANJOIN_TOKEN: "t" });
  const loadedBy = async (...args: string[]): Promise<string> =>
    /loaded (.*) end/.exec((await at.run(...args)).stderr)?.[1] ?? "";
  const here = await loadedBy("list");
  expect(here).toContain("commander");
  expect(here).not.toMatch(/@aws|@smithy|chokidar/);
  expect(await loadedBy("list", "--endpoint", "http://127.0.0.1:1")).toContain("@smithy/node-http-handler");
});
