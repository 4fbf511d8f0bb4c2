/** Which failures of files are verdicts on an input, and which may pass. */
import { expect, test } from "vitest";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import { reading, unwritable, writing } from "../../../src/local/store/store-error.ts";

const failing = (code: string): Error => Object.assign(new Error("why"), { code });
const read = (error: Error): unknown => {
  try {
    return reading("/in.csv", () => {
      throw error;
    });
  } catch (thrown) {
    return thrown;
  }
};

test.for(["ENOENT", "ENOTDIR"])("%s means that there is no such file", (code) => {
  expect(read(failing(code))).toMatchObject({
    code: "INPUT_NOT_FOUND",
    message: "There is no file /in.csv.",
    cause: { code },
  });
});

test.for(["EAGAIN", "EBUSY", "EIO", "EMFILE", "ENFILE", "ENOMEM"])(
  "%s may pass, and stays as it is",
  (code) => {
    const error = failing(code);
    expect(read(error)).toBe(error);
  },
);

test.for(["EACCES", "EPERM", "EISDIR"])("%s means that the input cannot be read", (code) => {
  const error = failing(code);
  expect(read(error)).toMatchObject({
    code: "INPUT_INVALID",
    message: "/in.csv cannot be read: why.",
    cause: error,
  });
});

test("a failed write says which path, and an error that has a code of fanjoin's stays as it is", () => {
  const full = failing("ENOSPC");
  const write = (): never =>
    writing("/out", () => {
      throw full;
    });
  expect(write).toThrow("/out cannot be written: why.");
  const known = new FanjoinError("INPUT_NOT_FOUND", "no");
  expect(unwritable("/out", known)).toBe(known);
  expect(unwritable("/out", full)).toMatchObject({ code: "DIRECTORY_UNUSABLE", cause: full });
});

test.for(["text", null, { code: "ENOENT" }])(
  "the thrown value %j is no verdict of the file system",
  (thrown) => {
    const read = (): never =>
      reading("/in.csv", () => {
        // oxlint-disable-next-line only-throw-error -- a library may throw anything
        throw thrown;
      });
    expect(read).toThrow(/^\/in\.csv cannot be read: /u);
  },
);

test("what succeeds is returned", () => {
  expect([reading("/in", () => 1), writing("/out", () => 2)]).toEqual([1, 2]);
});
