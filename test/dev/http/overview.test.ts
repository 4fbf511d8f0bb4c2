import { expect, test } from "vitest";
import type { ApiHost } from "../../../src/api/host.ts";
import { overview } from "../../../src/dev/http/overview.ts";
import { rangeJob, workspace } from "../../cli/command.ts";
import { LINES, startDev, TOKEN } from "../dev-process.ts";

test("GET / needs no token, and says what is here and how to start a batch", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("numbers.ts", rangeJob());
  const dev = await startDev(at, "shout.ts", "numbers.ts");
  const plain = await fetch(dev.base);
  const text = await plain.text();
  expect([plain.status, plain.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
  expect(text).toContain("  numbers  brings its own items (range)\n  shout    reads lines\n");
  expect(text).toContain("POST /jobs/{job}/batches");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  const page = await fetch(dev.base, { headers: { accept: "text/html,application/xhtml+xml" } });
  const html = await page.text();
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(html).toContain("<td><code>shout</code></td><td>reads lines</td>");
  for (const said of [text, html]) {
    expect(said).not.toContain(TOKEN);
    expect(said).not.toContain(at.path);
  }
  const head = await fetch(dev.base, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
  expect((await fetch(dev.base, { method: "POST" })).status).toBe(405);
  expect((await fetch(dev.base, { headers: { origin: "https://evil.example" } })).status).toBe(403);
});

test("the commands that it shows start a batch", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  const text = await (await fetch(dev.base)).text();
  const [, body = ""] = /-d '(.*)'/.exec(text) ?? [];
  expect((await dev.post("/jobs/shout/batches", JSON.parse(body))).status).toBe(202);
});

test("names are escaped in the page, and a job that cannot be loaded is named", async () => {
  const host: Pick<ApiHost, "jobs" | "describe"> = {
    jobs: ["<b>'&"],
    describe: () => Promise.reject(new Error("at /home/me/x.ts")),
  };
  const asked = { method: "GET", base: "http://x/<i>", headers: { accept: "text/html" } };
  const { body } = await overview(host, asked);
  expect(body).toContain("&#60;b&#62;&#39;&#38;");
  expect(body).toContain("cannot be loaded");
  expect(body).not.toMatch(/<b>|<i>|\/home/);
});
