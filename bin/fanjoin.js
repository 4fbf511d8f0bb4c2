#!/usr/bin/env node
// Plain JavaScript without static imports: an older Node has to get far enough to say what is needed.
if (Number(process.versions.node.split(".")[0]) >= 24) {
  const { enableCompileCache } = await import("node:module");
  // Starting takes a third of the time from the second start on: not even the compiler of types has to be
  // loaded.
  enableCompileCache();
  await import("../src/cli/main.ts");
} else {
  console.error(`fanjoin needs Node.js 24 or newer, and this is ${process.version}.`);
  process.exitCode = 2;
}
