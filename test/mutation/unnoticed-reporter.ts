/** A reporter of Stryker's that names each mutant that no test noticed at once: runs take hours. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import type { Reporter } from "@stryker-mutator/api/report";
import { isUnnoticed, unnoticedLine } from "./report.ts";

export const UNNOTICED_REPORTER = "unnoticed";

const reporter: Reporter = {
  onMutantTested({ fileName, location, replacement, status }) {
    const mutated = { location, path: relative(process.cwd(), fileName), replacement, status };
    if (isUnnoticed(mutated)) console.log(unnoticedLine(mutated, readFileSync(fileName, "utf8")));
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Reporter, UNNOTICED_REPORTER, reporter)];
