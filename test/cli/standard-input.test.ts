import { expect, test } from "vitest";
import { withStandardInput } from "../../src/cli/standard-input.ts";

const options = { quiet: true, interrupted: new AbortController().signal };

test("standard input takes the place of -, and other inputs stay", () => {
  expect(withStandardInput(["a.csv", "-"], options)).toEqual([
    "a.csv",
    { name: "-", bytes: expect.anything() as unknown },
  ]);
});

test("standard input is refused if it is named twice", () => {
  expect(() => withStandardInput(["-", "s3://bucket/a", "-"], options)).toThrow(
    "standard input can be read only once",
  );
});
