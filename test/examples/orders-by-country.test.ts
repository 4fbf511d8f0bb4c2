/** The example with a generator, against a paged API. */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { workspace, ROOT } from "../cli/command.ts";

const JOB = join(ROOT, "examples", "orders-by-country.ts");
const PAGE = 40;
const COUNTRIES = ["PT", "NO", "JP", "CA"];
/** Orders of the first quarter of a year, in the API's order. One is invalid. */
const ORDERS = Array.from({ length: 1_000 }, (_, n) => ({
  id: `o${n}`,
  day: `2026-${String(1 + Math.floor(n / 300)).padStart(2, "0")}-${String(1 + (n % 28)).padStart(2, "0")}`,
  country: n === 500 ? "?" : COUNTRIES[(n * n + n) % COUNTRIES.length],
  lines: Array.from({ length: n % 4 }, (__, line) => ({ cents: 99 + n + line, quantity: 1 + (n % 3) })),
}));
const FROM = "2026-01-10";
const TO = "2026-03-20";
const wanted = ORDERS.filter(({ day }) => day >= FROM && day <= TO);

function expected() {
  const countries: { [country: string]: { orders: number; cents: number } } = {};
  for (const { country = "", lines } of wanted) {
    if (country === "?") continue;
    const own = (countries[country] ??= { orders: 0, cents: 0 });
    own.orders++;
    for (const { cents, quantity } of lines) own.cents += cents * quantity;
  }
  return countries;
}

interface Api {
  readonly params: string;
  /** The cursors of the requested pages, in order; `null` is the first page. */
  readonly requested: (string | null)[];
  /** Resolves at a request that the API does not answer. */
  readonly stuck: Promise<void>;
}

/**
 * Every tenth request is refused with 429. The first request for the page `hangAt` is not answered.
 */
async function startApi(hangAt: string | null = null): Promise<Api> {
  const requested: (string | null)[] = [];
  const { promise: stuck, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const { searchParams: query } = new URL(request.url ?? "", "http://api");
    const cursor = query.get("cursor");
    const again = requested.includes(cursor);
    requested.push(cursor);
    if (cursor === hangAt && cursor !== null && !again) resolve();
    else if (requested.length % 10 === 0) answer(response, 429, {});
    else answer(response, 200, pageOf(query, Number(cursor ?? 0)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const params = JSON.stringify({ url: `http://127.0.0.1:${port}/orders`, from: FROM, to: TO });
  return { params, requested, stuck };
}

function pageOf(query: URLSearchParams, start: number): unknown {
  const all = ORDERS.filter(({ day }) => day >= (query.get("from") ?? "") && day <= (query.get("to") ?? ""));
  const next = start + PAGE < all.length ? String(start + PAGE) : null;
  return { orders: all.slice(start, start + PAGE), next };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const OUTCOME = {
  state: "completed-with-failures",
  items: { total: wanted.length, succeeded: wanted.length - 1, failed: 1, skipped: 0 },
  result: { value: expected() },
};

test("orders-by-country adds up the orders of all pages between two days", async () => {
  const api = await startApi();
  const { code, summary } = await workspace().json("run", JOB, "--params", api.params);
  expect(code).toBe(1);
  expect(summary).toMatchObject(OUTCOME);
  expect(new Set(api.requested).size).toBe(Math.ceil(wanted.length / PAGE));
});

test("orders-by-country, killed between two pages and resumed, has the same result", async () => {
  const hangAt = String(10 * PAGE);
  const api = await startApi(hangAt);
  const at = workspace();
  const first = at.start("run", JOB, "--params", api.params);
  await api.stuck;
  first.child.kill("SIGKILL");
  expect((await first.ended).signal).toBe("SIGKILL");
  const { code, summary } = await at.json("resume", "--job", JOB);
  expect(code).toBe(1);
  expect(summary).toMatchObject(OUTCOME);
  // The generator is run again from its first page.
  expect(api.requested.filter((cursor) => cursor === null).length).toBeGreaterThan(1);
});

test("orders-by-country refuses invalid dates before it sends a request", async () => {
  const api = await startApi();
  const params = api.params.replace(TO, "2026-02-31");
  const { code, stderr } = await workspace().run("run", JOB, "--params", params);
  expect(code).toBe(2);
  expect(stderr).toContain("to: Invalid ISO date");
  expect(api.requested).toEqual([]);
});
