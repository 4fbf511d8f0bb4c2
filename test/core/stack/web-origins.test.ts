import { expect, test } from "vitest";
import { checkedOrigin, corsHeaders } from "../../../src/core/stack/web-origins.ts";

test.for(["https://shop.example", "http://localhost:5173", "http://[::1]:8080"])(
  "%s is an origin",
  (origin) => {
    expect(checkedOrigin(origin, "--origin", "USAGE")).toBe(origin);
  },
);

test.for([
  ["https://shop.example/", "did you mean https://shop.example?"],
  ["https://shop.example:443", "did you mean https://shop.example?"],
  ["HTTPS://SHOP.example/cart?x=1", "did you mean https://shop.example?"],
  ["https://me:secret@shop.example", "did you mean https://shop.example?"],
  ["shop.example", "give each alone"],
  ["https://", "give each alone"],
  ["https://*.shop.example", "give each alone"],
  ["*", "give each alone"],
  ["null", "give each alone"],
  ["file://", "give each alone"],
  ["https://a.example,https://b.example", "give each alone"],
  ["", "give each alone"],
] as const)("%s is not an origin: %s", ([text, remedy]) => {
  expect(() => checkedOrigin(text, "apiOrigins", "JOB_INVALID")).toThrow(remedy);
  expect(() => checkedOrigin(text, "apiOrigins", "JOB_INVALID")).toThrow(
    `apiOrigins ${text} is not an origin`,
  );
});

test("only a listed origin is allowed, and every answer depends on the origin", () => {
  const origins = ["https://a.example", "https://b.example"];
  expect(corsHeaders(origins, "https://b.example")).toEqual({
    vary: "origin",
    "access-control-allow-origin": "https://b.example",
    "access-control-expose-headers":
      "fanjoin-cursor, fanjoin-outputs, fanjoin-state, retry-after, x-amzn-errortype",
  });
  for (const origin of ["https://c.example", "https://a.example.evil.example", "null", "*", "", undefined])
    expect(corsHeaders(origins, origin)).toEqual({ vary: "origin" });
});

test("nothing is said where no origin is listed", () => {
  expect(corsHeaders([], "https://a.example")).toEqual({});
});
