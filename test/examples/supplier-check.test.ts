/** The example that calls a web service, against a service that misbehaves. */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import Papa from "papaparse";
import { workspace, ROOT } from "../cli/command.ts";
import { linesOf, run, textOf } from "./run.ts";

/** The job's `concurrency`. */
const CONCURRENCY = 8;

interface Row {
  readonly supplier: string;
  readonly country: string;
  readonly vat: string;
}

const CSV = join(ROOT, "events", "inputs", "suppliers.csv");
const rows = Papa.parse<Row>(textOf("suppliers.csv"), { header: true, skipEmptyLines: true }).data;
const good = rows.filter(({ country }) => country !== "");
const vatOf = (row: number): string => `${good[row]?.country}${good[row]?.vat}`;

/** How a supplier's first call fails. */
const FIRST: { [vat: string]: 429 | 503 | "drop" | "hang" } = {
  [vatOf(20)]: 429,
  [vatOf(25)]: 503,
  [vatOf(30)]: "drop",
  [vatOf(35)]: "hang",
};
/** How all calls for a supplier fail. */
const ALWAYS: { [vat: string]: 404 | 500 } = { [vatOf(40)]: 404, [vatOf(45)]: 500 };

const isValid = (vat: string): boolean => Number(vat.at(-1)) % 2 === 0;

interface Service {
  readonly url: string;
  /** The number of calls for each supplier. */
  readonly calls: Map<string, number>;
  /** The largest number of calls at once. */
  maxInFlight: number;
  /** Unanswered calls that the job has closed. */
  hungUp: number;
}

/** The first answers are held until there are `CONCURRENCY` calls. */
async function startService(): Promise<Service> {
  const held: (() => void)[] = [];
  let inFlight = 0;
  const server = createServer((request, response) => {
    const vat = (request.url ?? "").split("/").slice(-2).join("");
    const call = (service.calls.get(vat) ?? 0) + 1;
    service.calls.set(vat, call);
    service.maxInFlight = Math.max(service.maxInFlight, ++inFlight);
    response.on("close", () => inFlight--);
    const trouble = ALWAYS[vat] ?? (call === 1 ? FIRST[vat] : undefined);
    if (trouble === "drop") request.socket.destroy();
    else if (trouble === "hang") response.on("close", () => service.hungUp++);
    else if (trouble !== undefined) answer(response, trouble, { error: "trouble" });
    else
      hold(() => answer(response, 200, { valid: isValid(vat), name: isValid(vat) ? `Firm ${vat}` : null }));
  });
  function hold(go: () => void): void {
    held.push(go);
    if (service.calls.size >= CONCURRENCY) for (const next of held.splice(0)) next();
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const service: Service = {
    url: `http://127.0.0.1:${port}/v1`,
    calls: new Map(),
    maxInFlight: 0,
    hungUp: 0,
  };
  return service;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

test("supplier-check retries errors that may pass, not the others, and keeps to its concurrency", async () => {
  const service = await startService();
  const params = JSON.stringify({ url: service.url });
  const { items, result, outputs, failed } = await run(
    "supplier-check.ts",
    ["suppliers.csv"],
    ["--params", params, "--concurrency", "1"],
  );

  const answered = good.filter(({ country, vat }) => ALWAYS[country + vat] === undefined);
  const expected = answered.map(({ supplier, country, vat }) => {
    const valid = isValid(country + vat);
    return { supplier, vat: country + vat, valid, registeredAs: valid ? `Firm ${country}${vat}` : null };
  });
  expect(items).toEqual({
    total: rows.length,
    succeeded: answered.length,
    failed: rows.length - answered.length,
    skipped: 0,
  });
  expect(linesOf(outputs?.path)).toEqual(expected);
  expect(result?.value).toEqual({
    checked: answered.length,
    valid: expected.filter(({ valid }) => valid).length,
    rows: answered.length,
  });

  expect(linesOf(failed?.path)).toMatchObject([
    { code: "ITEM_FAILED", attempts: 1, index: 40, error: { name: "Refused" } },
    { code: "ITEM_FAILED", attempts: 5, index: 45, error: { message: expect.stringContaining("500") } },
    { code: "ITEM_INVALID", index: rows.length - 1, line: rows.length + 1 },
  ]);
  for (const vat of Object.keys(FIRST)) expect(service.calls.get(vat)).toBe(2);
  expect(service.calls.get(vatOf(0))).toBe(1);
  // At the timeout the job closes the connection.
  expect(service.hungUp).toBe(1);
  expect(service.maxInFlight).toBe(CONCURRENCY);
});

test("supplier-check refuses to start without the service's URL", async () => {
  const { code, stderr } = await workspace().run("run", join(ROOT, "examples", "supplier-check.ts"), CSV);
  expect(code).toBe(2);
  expect(stderr).toContain("--params");
});
