/** The bytes that a pulled chunk has of its source. */
import { expect, test } from "vitest";
import { bytesOfText, inPieces, piecesOf } from "../../../src/core/records/pulled-text.ts";

test("a stretch is its only piece, pieces keep their order, and a range has none", () => {
  const one = { at: 3, bytes: 5 };
  const pieces = [one, { at: 20, bytes: 7 }];
  expect([inPieces(one), inPieces({ pieces })]).toEqual([false, true]);
  expect([piecesOf(null), piecesOf(one), piecesOf({ pieces })]).toEqual([[], [one], pieces]);
  expect([bytesOfText(null), bytesOfText(one), bytesOfText({ pieces })]).toEqual([0, 5, 12]);
});
