/** The client in a page of another origin, against `fanjoin dev --origin`. */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { connect as connectType } from "../../../src/client/browser/connect.ts";
import type { showReport as showReportType } from "../../../examples/programs/page.ts";
import { ROOT, workspace } from "../../cli/command.ts";
import { LINES, startDev, TOKEN } from "../../dev/dev-process.ts";
import type { DevProcess } from "../../dev/dev-process.ts";
import { textOf } from "../../examples/run.ts";
import { bundle } from "./bundle.ts";
import { loadInPage, PAGE_ORIGIN } from "./web-page.ts";
import type { Fetched } from "./web-page.ts";

interface Page {
  readonly connect: typeof connectType;
  readonly showReport: typeof showReportType;
}

let code = "";

beforeAll(async () => {
  const program = `export { connect } from "fanjoin/client"; export * from "./examples/programs/page.ts";`;
  ({ code } = await bundle(program));
});

async function served(job: string, ...args: string[]): Promise<DevProcess> {
  const at = workspace();
  at.write("job.ts", job);
  return startDev(at, "job.ts", ...args);
}

const ORIGIN = ["--origin", PAGE_ORIGIN];

test("a file is uploaded and large outputs are read by signed URLs without the token; they also come in pages", async () => {
  const dev = await served(LINES, ...ORIGIN);
  const fetched: Fetched[] = [];
  const { connect } = loadInPage(code, fetched) as Page;
  const fanjoin = await connect({ endpoint: dev.base, token: TOKEN });
  const lines = Array.from({ length: 1300 }, (_, n) => (n === 700 ? "bad" : `${n} ${"x".repeat(1000)}`));
  const file = new File([lines.join("\n")], "lines.txt", { type: "text/plain" });
  const batch = await fanjoin.submit("shout", { input: [file] });
  expect(await batch.ended()).toMatchObject({ state: "completed-with-failures", items: { failed: 1 } });
  expect(await Array.fromAsync(batch.failed())).toMatchObject([{ line: 701, code: "ITEM_FAILED" }]);
  const outputs = await Array.fromAsync(batch.outputs());
  expect(outputs).toHaveLength(1299);
  expect(outputs[0]).toBe(lines[0]?.toUpperCase());
  const blocks = await Array.fromAsync(batch.read("outputs.jsonl"));
  expect(Buffer.concat(blocks).toString()).toBe(outputs.map((line) => `${JSON.stringify(line)}\n`).join(""));
  expect((await fanjoin.batch("latest")).id).toBe(batch.id);
  const signed = fetched.filter(({ url }) => url.pathname.startsWith("/signed/"));
  expect(signed.map(({ method }) => method)).toEqual(["PUT", "GET"]);
  for (const { headers } of signed) expect([...headers.keys()]).not.toContain("authorization");
  expect(fetched.every(({ asked }, place) => asked || fetched[place]?.method === "GET")).toBe(true);
});

test("the documented page shows the report of a file", async () => {
  const dev = await startDev(workspace(), join(ROOT, "examples/bird-strikes.ts"), ...ORIGIN);
  const { showReport } = loadInPage(code) as Page;
  const shown: string[] = [];
  const file = new File([textOf("birdstrikes.csv")], "birdstrikes.csv");
  await showReport(file, { endpoint: dev.base, token: TOKEN }, (line) => shown.push(line));
  expect(shown).toContain("succeeded: 10000 strikes, 0 rows are not usable");
  expect(shown.at(-1)).toMatch(/^\D+: \d+$/);
  const refused: string[] = [];
  await showReport(file, { endpoint: dev.base, token: "wrong" }, (line) => refused.push(line));
  expect(refused).toEqual([expect.stringMatching(/^REQUEST_FORBIDDEN: .*Give connect\(\) the token/)]);
});

test("a page that is not listed is told that its origin may be the reason", async () => {
  const dev = await served(LINES);
  const { connect } = loadInPage(code) as Page;
  const fanjoin = await connect({ endpoint: dev.base, token: TOKEN });
  await expect(fanjoin.batch("latest")).rejects.toMatchObject({
    code: "ENDPOINT_UNUSABLE",
    message: expect.stringContaining(`does not allow the origin of this page, ${PAGE_ORIGIN}`) as unknown,
  });
});
