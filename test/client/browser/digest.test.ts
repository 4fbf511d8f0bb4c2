import { createHash } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import { digestOf, digestOfText } from "../../../src/client/browser/digest.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a file of one piece has the digest that Node gives it", async () => {
  expect(await digestOf(new Blob(["abc"]))).toBe(sha256("abc"));
  expect(await digestOf(new Blob([]))).toBe(sha256(""));
  expect(await digestOfText("é")).toBe(sha256("é"));
});

test("a larger file has the digest of its pieces' digests, and only a piece is in memory", async () => {
  expect(await digestOf(new Blob(["abcde"]), undefined, 2)).toBe(
    sha256(sha256("ab") + sha256("cd") + sha256("e")),
  );
  const others = ["abcdf", "abced", "acbde", "abcd"].map((text) => digestOf(new Blob([text]), undefined, 2));
  expect(
    new Set([...(await Promise.all(others)), await digestOf(new Blob(["abcde"]), undefined, 2)]).size,
  ).toBe(5);
});

test("a signal ends it", async () => {
  const digest = digestOf(new Blob(["abcde"]), AbortSignal.abort(new Error("enough")), 2);
  await expect(digest).rejects.toThrow("enough");
});

test("a page without a digest is told why", async () => {
  vi.stubGlobal("crypto", {});
  onTestFinished(() => void vi.unstubAllGlobals());
  await expect(digestOf(new Blob(["a"]))).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("https or from localhost") as unknown,
  });
});
