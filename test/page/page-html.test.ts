/** The page as one file: its size, and its content policy. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { bundlePage } from "../../src/page/bundle-page.ts";
import { pageHtml } from "../../src/page/page-html.ts";
import { ROOT } from "../../build/root.ts";

/** Of the whole file. */
const MAX_BYTES = 120_000;

test("the page is one file of at most 120 KB that names no other host", async () => {
  const { html } = await pageHtml();
  const { script } = await bundlePage(ROOT);
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MAX_BYTES);
  const hosts = [...`${html}${script}`.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host);
  expect(hosts.filter((host) => host !== "www.w3.org" && host !== "example.com")).toEqual([]);
  expect(html).not.toMatch(/ style=|\son\w+="| src=/);
});

test("its policy allows these scripts and styles, and nothing else", async () => {
  const { html, csp } = await pageHtml();
  const { script } = await bundlePage(ROOT);
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const inline = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text = ""]) => hash(text));
  const [, style = ""] = /<style>([^]*?)<\/style>/.exec(html) ?? [];
  expect(csp).toBe(
    `default-src 'none'; script-src ${[...inline, hash(script)].join(" ")}; style-src ${hash(style)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
});
