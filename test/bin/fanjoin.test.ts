import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const BIN = fileURLToPath(new URL("../../bin/fanjoin.js", import.meta.url));

/** A module that makes this Node report version 20. */
const AGED = `data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });
   Object.defineProperty(process, "version", { value: "v20.20.2" });`,
)}`;

/** Prints which of Node's own modules were loaded that take long to load. */
const SLOW = `data:text/javascript,${encodeURIComponent(
  `process.once("exit", () => {
     const slow = process.moduleLoadList.filter((name) => /undici|amaro|http2/.test(name));
     console.error("slow: " + JSON.stringify(slow));
   });`,
)}`;

test("the command starts without Node's HTTP clients, and from the second start on without the compiler", () => {
  const start = (): string =>
    spawnSync(process.execPath, ["--import", SLOW, BIN, "--version"], { encoding: "utf8" }).stderr;
  start();
  expect(start()).toBe("slow: []\n");
});

test("an older Node gets one sentence about the needed version, and nothing is started", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", AGED, BIN, "--version"], {
    encoding: "utf8",
  });
  expect(stderr).toBe("fanjoin needs Node.js 24 or newer, and this is v20.20.2.\n");
  expect(stdout).toBe("");
  expect(status).toBe(2);
});
