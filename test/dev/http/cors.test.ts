/** What web pages of other origins may do with `fanjoin dev --origin`. */
import { expect, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import { allEnded, LINES, startDev, TOKEN } from "../dev-process.ts";
import type { DevProcess } from "../dev-process.ts";

const SHOP = "https://shop.example";
const OTHER = "https://other.example";
const EVIL = "https://evil.example";

async function served(): Promise<DevProcess> {
  const at = workspace();
  at.write("shout.ts", LINES);
  return startDev(at, "shout.ts", "--origin", SHOP, "--origin", OTHER);
}

function preflight(dev: DevProcess, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const asked = { origin: SHOP, "access-control-request-method": "POST", ...headers };
  return dev.fetch(path, { method: "OPTIONS", headers: asked });
}

test("a preflight of a listed origin is answered without a token", async () => {
  const dev = await served();
  const { status, headers } = await preflight(dev, "/jobs/shout/batches");
  expect(status).toBe(204);
  expect(Object.fromEntries(headers)).toMatchObject({
    "access-control-allow-origin": SHOP,
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": "authorization, content-type, if-none-match, x-api-key",
    "access-control-max-age": "600",
    vary: "origin",
  });
  expect(headers.has("access-control-allow-private-network")).toBe(false);
  expect(headers.has("access-control-allow-credentials")).toBe(false);
  const outside = await preflight(dev, "/batches", { "access-control-request-private-network": "true" });
  expect(outside.headers.get("access-control-allow-private-network")).toBe("true");
  expect(
    (await preflight(dev, "/batches", { origin: OTHER })).headers.get("access-control-allow-origin"),
  ).toBe(OTHER);
});

test("a preflight of another origin is refused, and so is its request", async () => {
  const dev = await served();
  for (const origin of [EVIL, "null", `${SHOP}.evil.example`, "http://shop.example", `${SHOP}:444`]) {
    const asked = await preflight(dev, "/batches", {
      origin,
      "access-control-request-private-network": "true",
    });
    const sent = await dev.fetch("/batches", { headers: { authorization: `Bearer ${TOKEN}`, origin } });
    for (const { status, headers } of [asked, sent]) {
      expect([origin, status]).toEqual([origin, 403]);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  }
  expect((await dev.fetch("/batches", { method: "OPTIONS" })).status).toBe(405);
});

test("a listed origin still needs the token, and can read the refusal", async () => {
  const dev = await served();
  const refused = await dev.fetch("/batches", { headers: { origin: SHOP } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get("access-control-allow-origin")).toBe(SHOP);
  expect(refused.headers.get("vary")).toBe("origin");
  const unknown = await dev.fetch("/jobs/none", {
    headers: { authorization: `Bearer ${TOKEN}`, origin: SHOP },
  });
  expect([unknown.status, unknown.headers.get("access-control-allow-origin")]).toEqual([404, SHOP]);
});

test("a listed origin may use signed URLs; another origin may not", async () => {
  const dev = await served();
  const { url, object } = (await (
    await dev.post("/jobs/shout/uploads", { name: "a.txt", start: false })
  ).json()) as { url: string; object: string };
  const { pathname, search } = new URL(url);
  const asked = await preflight(dev, pathname + search, { "access-control-request-method": "PUT" });
  expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, SHOP]);
  const put = (origin: string): Promise<Response> =>
    fetch(url, { method: "PUT", body: "a\n".repeat(600_000), headers: { origin, "if-none-match": "*" } });
  expect((await put(EVIL)).status).toBe(403);
  const done = await put(SHOP);
  expect([done.status, done.headers.get("access-control-allow-origin")]).toEqual([200, SHOP]);
  expect((await dev.post("/jobs/shout/batches", { input: { object } })).status).toBe(202);
  const [ended] = await dev.until(allEnded(1));
  const large = await dev.fetch(`/batches/${ended?.batch}/outputs`, {
    headers: { authorization: `Bearer ${TOKEN}`, origin: SHOP, accept: "application/jsonl, text/uri-list" },
  });
  expect([large.status, large.headers.get("content-type")]).toEqual([200, "text/uri-list"]);
  const signed = (await large.text()).trim();
  const read = (origin: string): Promise<Response> => fetch(signed, { headers: { origin } });
  const got = await read(SHOP);
  expect([got.status, got.headers.get("access-control-allow-origin")]).toEqual([200, SHOP]);
  expect((await got.text()).slice(0, 8)).toBe('"A"\n"A"\n');
  expect((await read(EVIL)).status).toBe(403);
});

test("the overview depends on the origin and on what is accepted", async () => {
  const dev = await served();
  const page = await dev.fetch("/", { headers: { origin: SHOP } });
  expect(page.headers.get("vary")).toBe("origin, accept");
});

test("a value that is not an origin is refused, and nothing is served", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  for (const origin of ["*", "null", `${SHOP}/`]) {
    const { code, stderr } = await at.run("dev", "shout.ts", "--port", "0", "--origin", origin);
    expect(code).toBe(2);
    expect(stderr).toContain(`--origin ${origin} is not an origin`);
  }
});
