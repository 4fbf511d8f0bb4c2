import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comparedText, shapeOf, withoutDigits } from "../../../src/core/failures/message-shape.ts";

describe("the shape of a message", () => {
  test.for<[string, string]>([
    ["job 6f9619ff-8b86-d011-b42d-00cf4fc964ff is gone", "job … is gone"],
    ["not before 2026-11-29T11:32:07.123Z", "not before …"],
    ["not before 2026-11-29 11:32:07+01:00 or 2026-11-30", "not before … or …"],
    ["connect ECONNREFUSED 10.0.0.1:443", "connect ECONNREFUSED …:443"],
    ["connect ECONNREFUSED ::1 and fe80::1:2 and 2001:db8:0:0:0:0:0:1", "connect ECONNREFUSED … and … and …"],
    ["commit deadbeef and 0x00c0ffee11", "commit … and …"],
    ["the service said 503 to SE354468464", "the service said 503 to …"],
    ["order-12345 is late by 1234.5 s", "order-… is late by … s"],
    ["total 1,234,567", "total …"],
    ['name: "Van Dijk Metaal 10535,NL" is long', "name: … is long"],
    ["name: 'Van Dijk Metaal 10535,NL' is long", "name: … is long"],
    ["name: `Van Dijk Metaal 10535,NL` is long", "name: … is long"],
    [String.raw`never closed: "2000,\"open\nand more"`, "never closed: …"],
    ['row "12345" of "a" is not that of "b"', 'row "…" of "a" is not that of "b"'],
  ])("leaves out what differs: %s", ([message, shape]) => {
    expect(shapeOf(message)).toBe(shape);
  });

  test.for([
    "the service said 503",
    "HTTP 404 after 3 tries, 1.5 s",
    "utf8 is not an option, sha1 neither",
    "Unexpected token '<', \"<html>\" is not valid JSON",
    "must match pattern /^[0-9A-Z]{2,12}$/",
    "I don't know what it didn't say",
    "at priceOf (sales.ts:12:5)",
    "Déjà vu",
    "",
  ])("keeps words, short numbers and short quotes: %s", (message) => {
    expect(shapeOf(message)).toBe(message);
  });

  test("of an excerpt that is cut off within its quotes is that of a whole one", () => {
    const long = (text: string): string => comparedText(`is not JSON: "${text.repeat(300)}" is not`);
    expect(shapeOf(long("ab"))).toBe("is not JSON: …");
    expect(shapeOf(long("cd"))).toBe(shapeOf(long("ab")));
  });

  test("has no digits left in its coarser form", () => {
    expect(withoutDigits(shapeOf("line 12 of 12345: utf8"))).toBe("line … of …: utf…");
  });

  test("does not depend on the value in it", () => {
    const values = fc.oneof(
      fc.uuid(),
      fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((date) => date.toISOString()),
      fc.ipV4(),
      fc.ipV6().filter((address) => !address.includes(".")),
      fc.integer({ min: 1000 }).map(String),
      fc.stringMatching(/^[A-Z]{2}[0-9]{6}$/),
      fc.stringMatching(/^"[a-z ,.]{21,60}"$/),
    );
    fc.assert(
      fc.property(values, (value) => {
        expect(shapeOf(`the service refused ${value}, try 3`)).toBe("the service refused …, try 3");
      }),
    );
  });
});

test("a message is compared up to 500 characters", () => {
  expect(comparedText("x".repeat(500))).toBe("x".repeat(500));
  expect(comparedText("x".repeat(501))).toBe(`${"x".repeat(500)}…`);
});
