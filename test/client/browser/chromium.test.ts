/** The same in a real Chromium, where the machine has one: with its CORS, and its way with redirects. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import { LINES, startDev, TOKEN } from "../../dev/dev-process.ts";
import { bundle } from "./bundle.ts";

const CHROMIUM = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

/** Sends a file of large lines, and tells the page's server what it saw. */
const PROGRAM = `
  import { connect } from "fanjoin/client";
  async function seen(endpoint, token) {
    const fanjoin = await connect({ endpoint, token });
    const lines = Array.from({ length: 1300 }, (_, n) => (n === 700 ? "bad" : n + " " + "x".repeat(1000)));
    const batch = await fanjoin.submit("shout", { input: [new File([lines.join("\\n")], "lines.txt")], id: "one" });
    const { state, items } = await batch.ended();
    const failed = await Array.fromAsync(batch.failed());
    const outputs = await Array.fromAsync(batch.outputs());
    let bytes = 0;
    for await (const block of batch.read("outputs.jsonl")) bytes += block.length;
    const unknown = await fanjoin.batch("01K").catch(({ code }) => code);
    return { state, items, failed: failed.map(({ line }) => line), outputs: outputs.length, isLarge: bytes > 1_300_000, unknown };
  }
  export async function run(endpoint, others, token) {
    const report = await seen(endpoint, token).catch((error) => ({ error: String(error) }));
    const closed = await connect({ endpoint: others, token }).then((fanjoin) => fanjoin.batch("latest"))
      .catch(({ code, message }) => ({ code, message }));
    await fetch("/seen", { method: "POST", body: JSON.stringify({ report, closed }) });
  }
`;

interface PageServer {
  readonly url: string;
  readonly seen: Promise<unknown>;
}

/** Serves the page to the browser. `script` is asked for when the page is. */
async function servePage(script: () => string): Promise<PageServer> {
  const { promise: seen, resolve } = Promise.withResolvers<unknown>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "POST") resolve(await json(request));
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><title>test</title><script type="module">${script()}</script>`);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function browse(chromium: string, url: string): void {
  const profile = mkdtempSync(join(tmpdir(), "fanjoin-chromium-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
  const child = spawn(chromium, [...flags, `--user-data-dir=${profile}`, url], {
    stdio: "ignore",
    detached: true,
  });
  onTestFinished(async () => {
    const closed = new Promise((resolve) => child.once("close", resolve));
    // The group, because a browser has several processes.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await closed;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });
}

test("a page in Chromium", { timeout: 120_000 }, async ({ skip }) => {
  if (CHROMIUM === undefined) return skip("there is no Chromium on this machine");
  const { code } = await bundle(PROGRAM);
  let script = "";
  const page = await servePage(() => script);
  const at = workspace();
  at.write("job.ts", LINES);
  const dev = await startDev(at, "job.ts", "--origin", page.url);
  const others = await startDev(at, "job.ts", "--dir", "closed", "--origin", "https://other.example");
  script = `${code}; page.run(...${JSON.stringify([dev.base, others.base, TOKEN])})`;
  browse(CHROMIUM, page.url);
  expect(await page.seen).toEqual({
    report: {
      state: "completed-with-failures",
      items: { total: 1300, succeeded: 1299, failed: 1, skipped: 0 },
      failed: [701],
      outputs: 1299,
      isLarge: true,
      unknown: "BATCH_UNKNOWN",
    },
    closed: {
      code: "ENDPOINT_UNUSABLE",
      message: expect.stringContaining(`does not allow the origin of this page, ${page.url}`) as unknown,
    },
  });
});
