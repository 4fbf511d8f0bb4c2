import { describe, expect, test } from "vitest";
import { Sessions, checkSameOrigin } from "../../../src/dev/page/sessions.ts";

const PORT = 4747;
const urlOf = (path: string): URL => new URL(`http://127.0.0.1:${PORT}${path}`);

/** The cookie that a browser sends, of the header that it was sent. */
const cookieOf = (set: string | null | undefined): string => set?.split(";")[0] ?? "";

describe("the address of the page", () => {
  test("lets one browser in, with a cookie that no script reads and no other site sends", () => {
    let used = 0;
    const sessions = new Sessions(() => void used++);
    const path = sessions.address();
    const opened = sessions.open(urlOf(path), {}, PORT);
    expect(opened).toMatchObject({ location: "/" });
    expect(opened?.cookie).toMatch(/^fanjoin-4747=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(sessions.has({ cookie: cookieOf(opened?.cookie) }, PORT)).toBe(true);
    expect(used).toBe(1);
  });

  test("can be used once; a browser that is in may open it again", () => {
    const sessions = new Sessions(() => undefined);
    const path = sessions.address();
    const cookie = cookieOf(sessions.open(urlOf(path), {}, PORT)?.cookie);
    expect(() => sessions.open(urlOf(path), {}, PORT)).toThrow(/used up/);
    expect(sessions.open(urlOf(path), { cookie }, PORT)).toEqual({ cookie: null, location: "/" });
    expect(() => sessions.open(urlOf("/open/guessed"), {}, PORT)).toThrow(/used up/);
  });

  test("may lead to a page of this server, and nowhere else", () => {
    const sessions = new Sessions(() => undefined);
    const to = (path: string) => sessions.open(urlOf(sessions.address(path)), {}, PORT)?.location;
    expect(to("/batches/01ABC")).toBe("/batches/01ABC");
    expect(to("/jobs/sales")).toBe("/jobs/sales");
    for (const path of ["//evil.example", "https://evil.example", "/batches/../x", "/open/x"])
      expect(to(path)).toBe("/");
  });

  test("does nothing for other paths, and other cookies let nobody in", () => {
    const sessions = new Sessions(() => undefined);
    const cookie = cookieOf(sessions.open(urlOf(sessions.address()), {}, PORT)?.cookie);
    expect(sessions.open(urlOf("/batches"), {}, PORT)).toBeNull();
    for (const other of [undefined, "", "fanjoin-4747=", "fanjoin-4747=x", cookie.replace("4747", "4748")])
      expect(sessions.has(other === undefined ? {} : { cookie: other }, PORT)).toBe(false);
    expect(sessions.has({ cookie: `a=b; ${cookie}` }, PORT)).toBe(true);
    expect(sessions.has({ cookie }, 4748)).toBe(false);
  });
});

describe("a request of the page that changes something", () => {
  const own = `http://127.0.0.1:${PORT}`;
  test.each([
    ["POST", { origin: own }, true],
    ["POST", { origin: own, "sec-fetch-site": "same-origin" }, true],
    ["DELETE", { origin: `http://localhost:${PORT}`, "sec-fetch-site": "same-origin" }, true],
    ["GET", {}, true],
    ["HEAD", {}, true],
    ["POST", {}, false],
    ["POST", { origin: "null" }, false],
    ["POST", { origin: "http://127.0.0.1:9" }, false],
    ["PATCH", { origin: own, "sec-fetch-site": "same-site" }, false],
    ["POST", { origin: own, "sec-fetch-site": "cross-site" }, false],
    ["DELETE", { "sec-fetch-site": "same-origin" }, false],
  ])("%s with %j comes from it: %s", (method, headers, isOwn) => {
    const refusal = (): string => {
      try {
        checkSameOrigin(method, headers, PORT);
        return "";
      } catch (error) {
        return String(error);
      }
    };
    expect(refusal()).toMatch(isOwn ? /^$/ : /has to come from the page/);
  });
});
