#!/usr/bin/env node
// Plain JavaScript without static imports: an older Node has to get far enough to say what is needed.
if (Number(process.versions.node.split(".")[0]) >= 24) {
  void import("../src/cli/main.ts");
} else {
  console.error(`fanjoin needs Node.js 24 or newer, and this is ${process.version}.`);
  process.exitCode = 2;
}
