/** The job that calls a web service, against one that misbehaves. */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import Papa from "papaparse";
import { workspace, ROOT } from "../cli/command.ts";
import { linesOf, run, textOf } from "./run.ts";

/** As the job says. */
const AT_ONCE = 8;

interface Row {
  readonly supplier: string;
  readonly country: string;
  readonly vat: string;
}

const CSV = join(ROOT, "events", "inputs", "suppliers.csv");
const rows = Papa.parse<Row>(textOf("suppliers.csv"), { header: true, skipEmptyLines: true }).data;
const good = rows.filter(({ country }) => country !== "");
const vatOf = (row: number): string => `${good[row]?.country}${good[row]?.vat}`;

/** What happens to a supplier's first call, or to all of them. */
const FIRST: { [vat: string]: 429 | 503 | "drop" | "hang" } = {
  [vatOf(20)]: 429,
  [vatOf(25)]: 503,
  [vatOf(30)]: "drop",
  [vatOf(35)]: "hang",
};
const ALWAYS: { [vat: string]: 404 | 500 } = { [vatOf(40)]: 404, [vatOf(45)]: 500 };

const isValid = (vat: string): boolean => Number(vat.at(-1)) % 2 === 0;

interface Service {
  readonly url: string;
  /** How often each supplier was asked for. */
  readonly calls: Map<string, number>;
  most: number;
  hungUp: number;
}

/** The first calls are answered once there are `AT_ONCE` of them. */
async function startService(): Promise<Service> {
  const held: (() => void)[] = [];
  let inFlight = 0;
  const server = createServer((request, response) => {
    const vat = (request.url ?? "").split("/").slice(-2).join("");
    const call = (service.calls.get(vat) ?? 0) + 1;
    service.calls.set(vat, call);
    service.most = Math.max(service.most, ++inFlight);
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
    if (service.calls.size >= AT_ONCE) for (const next of held.splice(0)) next();
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const service: Service = { url: `http://127.0.0.1:${port}/v1`, calls: new Map(), most: 0, hungUp: 0 };
  return service;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

test("supplier-check asks again where that may help, gives up where it cannot, and never asks too much at once", async () => {
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
  // A call whose time is up is broken off, not left hanging.
  expect(service.hungUp).toBe(1);
  expect(service.most).toBe(AT_ONCE);
});

test("supplier-check refuses to start without the address of the service", async () => {
  const { code, stderr } = await workspace().run("run", join(ROOT, "examples", "supplier-check.ts"), CSV);
  expect(code).toBe(2);
  expect(stderr).toContain("--params");
});
