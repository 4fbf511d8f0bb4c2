import { request } from "node:http";
import { expect, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import { checkOrigin } from "../../../src/dev/http/access.ts";
import { LINES, startDev, TOKEN } from "../dev-process.ts";

test("a request without the token, for another host or from another origin is refused", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  for (const authorization of ["", "Bearer wrong", `Basic ${TOKEN}`]) {
    const refused = await dev.fetch("/batches", { headers: authorization ? { authorization } : {} });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
  }
  const { port } = new URL(dev.base);
  const ask = (headers: { [name: string]: string }): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const all = { authorization: `Bearer ${TOKEN}`, ...headers };
      const sent = request({ host: "127.0.0.1", port, path: "/batches", headers: all }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end();
    });
  expect(await ask({ host: "evil.example" })).toBe(403);
  expect(await ask({ host: `evil.example:${port}` })).toBe(403);
  expect(await ask({ host: "127.0.0.1:1" })).toBe(403);
  expect(await ask({ origin: "https://evil.example" })).toBe(403);
  expect(await ask({ origin: "null" })).toBe(403);
  expect(await ask({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
});

test("on port 80 the host may be without its port, as clients send it", () => {
  for (const host of ["127.0.0.1", "localhost", "127.0.0.1:80", "localhost:80"]) {
    expect(() => checkOrigin({ host, origin: `http://${host}` }, 80)).not.toThrow();
  }
  for (const host of ["evil.example", "127.0.0.1:81", undefined])
    expect(() => checkOrigin(host === undefined ? {} : { host }, 80)).toThrow("use that address");
  expect(() => checkOrigin({ host: "127.0.0.1" }, 8080)).toThrow("use that address");
  expect(() => checkOrigin({ host: "127.0.0.1:8080", origin: "http://127.0.0.1" }, 8080)).toThrow("origin");
});

const BAD: readonly (readonly [string | Uint8Array, string, number])[] = [
  ["{", "application/json", 400],
  ["{}", "text/plain", 415],
  [Buffer.from('{"input":{"items":["caf\xE9"]}}', "latin1"), "application/json", 400],
  [`{"input":{"items":["${"x".repeat(5_000_000)}"]}}`, "application/json", 413],
  ['{"input":{"object":"s3://others/x"}}', "application/json", 403],
  ['{"input":{"object":"s3://local/state.db"}}', "application/json", 403],
  ['{"input":{"object":"s3://local/inputs/../state.db"}}', "application/json", 400],
  ['{"input":{"object":"s3://local/inputs/shout/none.txt"}}', "application/json", 400],
  [`{"input":{"object":"s3://local/inputs/${"x".repeat(300)}"}}`, "application/json", 400],
  ['{"input":{"object":"s3://local/constructor/x"}}', "application/json", 403],
  ['{"input":{"object":"s3://local/__proto__/x"}}', "application/json", 403],
];

test("a bad request is a 4xx and starts nothing", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (const [body, type, status] of BAD) {
    const options = {
      method: "POST",
      headers: { ...headers, "content-type": type },
      body: Buffer.from(body),
    };
    const refused = await dev.fetch("/jobs/shout/batches", options);
    const beginning = Buffer.from(body).subarray(0, 80).toString();
    expect([beginning, refused.status]).toEqual([beginning, status]);
    expect(await refused.text()).not.toContain(at.path);
  }
  for (const path of [
    "/batches/..%2F..%2Fstate.db",
    "/batches/%00",
    "/signed/state.db",
    "/signed/%zz",
    "//",
  ]) {
    const refused = await dev.fetch(path, { headers });
    expect([path, Math.floor(refused.status / 100)]).toEqual([path, 4]);
  }
  expect(await dev.batches()).toEqual([]);
});

test("a changed signed URL is refused", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  const { url } = (await (await dev.post("/jobs/shout/uploads", { name: "a.txt" })).json()) as {
    url: string;
  };
  for (const changed of [
    url.replace("a.txt", "b.txt"),
    url.replace(/expires=\d+/, "expires=9999999999999"),
    url.replace("method=PUT", "method=GET"),
    url.replace(/signature=.*/, "signature="),
  ]) {
    expect((await fetch(changed, { method: "PUT", body: "x" })).status).toBe(403);
  }
  expect((await fetch(url)).status).toBe(403);
});
