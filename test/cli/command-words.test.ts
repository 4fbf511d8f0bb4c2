import { expect, test } from "vitest";
import { parseParams, positive } from "../../src/cli/common-options.ts";
import { logLine } from "../../src/cli/display/progress/log-line.ts";
import { BatchStopped, errorText } from "../../src/cli/error-text.ts";
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import { resumeCommand } from "../../src/cli/shell-command.ts";
import { FanjoinError } from "../../src/core/errors/errors.ts";

test("numbers are whole and positive", () => {
  expect(positive("12")).toBe(12);
  for (const text of ["0", "-1", "1.5", "1e3", "", "many", "99999999999999999999"]) {
    expect(() => positive(text)).toThrow("whole number");
  }
});

test("parameters are JSON; no parameters are null", () => {
  expect(parseParams(undefined)).toBeNull();
  expect(parseParams('{"a":[1]}')).toEqual({ a: [1] });
  expect(() => parseParams("a")).toThrow(/^--params a is not JSON/);
});

test("every state has its exit code", () => {
  const states = ["succeeded", "completed-with-failures", "failed", "cancelled", "running"] as const;
  expect(states.map(exitCodeOf)).toEqual([0, 1, 3, 3, 130]);
});

test("the resume command begins like the command that was called", () => {
  expect(resumeCommand({ batch: "01K", directory: ".fanjoin", jobFile: null }, {})).toBe(
    "fanjoin resume 01K",
  );
  const elsewhere = { batch: "01K", directory: "/var/my state", jobFile: null };
  expect(resumeCommand(elsewhere, { npm_command: "exec" })).toBe(
    "npx fanjoin resume 01K --dir '/var/my state'",
  );
});

test("a mistake is a sentence with its code; a bug shows its stack", () => {
  expect(errorText(new FanjoinError("JOB_INVALID", "no\n  at x"))).toBe(
    "fanjoin: no [JOB_INVALID]\n  at x\nSee docs/options.md (Job options)",
  );
  expect(errorText(new TypeError("oops"))).toMatch(/probably a bug in fanjoin\.\n\nTypeError: oops\n {4}at /);
});

test("an error shows no control character of what it quotes", () => {
  const stopped = new BatchStopped("fanjoin resume \u001b[2J", new TypeError("no \u001b[31m\u202e"));
  // oxlint-disable-next-line no-control-regex -- it is what is looked for
  expect(errorText(stopped)).not.toMatch(/[\u001b\u202e]/);
});

test("debug entries are shown only on request", () => {
  const entry = { level: "debug", message: "seen", fields: { n: [1, 2] } } as const;
  expect(logLine(entry, false)).toBeNull();
  expect(logLine(entry, true)).toBe("debug: seen { n: [ 1, 2 ] }");
});

test("what a job logs can neither clear the screen nor forge a line", () => {
  const message = "\u001b]0;title\u0007\u202etxt\r\nfanjoin: all is well";
  const fields = { name: "\u009b2J\u2066", error: new Error("\u001b[8m") };
  const line = logLine({ level: "info", message, fields }) ?? "";
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  expect(line).toContain("\n  fanjoin: all is well");
});
