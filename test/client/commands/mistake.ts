/** Expectations about commands that fail on the way to a stack. */
import { expect } from "vitest";
import type { ErrorCode } from "../../../src/core/errors/errors.ts";
import type { Outcome } from "../../cli/command.ts";

/** The facts about a failed command, to be compared with `mistake`. */
export function mistakeIn({ code, stdout, stderr }: Outcome): object {
  const [, error] = /\[([A-Z_]+)\]\nSee .+\n$/.exec(stderr) ?? [];
  return { code, stdout, error, isOneSentence: /^fanjoin: [^\n]*\nSee [^\n]*\n$/.test(stderr), stderr };
}

/**
 * Exit code 2, one sentence with its code, the page that says more, no stack trace, and nothing on standard
 * output.
 */
export function mistake(error: ErrorCode, message: string | RegExp): object {
  const pattern =
    typeof message === "string" ? message.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`) : message;
  const stderr: unknown = expect.stringMatching(pattern);
  return { code: 2, stdout: "", error, isOneSentence: true, stderr };
}

/** An answer of API Gateway itself. */
export const gateway = (status: number, kind: string, message: string) => () => ({
  status,
  headers: { "x-amzn-errortype": kind, "content-type": "application/json" },
  body: JSON.stringify({ message }),
});
