#!/usr/bin/env node
// `npm create fanjoin totals -- --cdk` is `fanjoin init totals --cdk`. Plain JavaScript for any Node: the
// command says which one it needs.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = dirname(createRequire(import.meta.url).resolve("fanjoin/package.json"));
const command = [join(folder, "bin/fanjoin.js"), "init", ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
