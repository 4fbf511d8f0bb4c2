/** `fanjoin report`: a batch runs, its report is written, and a browser shows it. */
import { chmodSync, existsSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { WITHOUT_BROWSER, closeQuietPage, launch, openPage } from "../../../page/browser/chromium.ts";
import { startSlow, workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";

const EVIL = `</style><script>document.title='run'</script><img src=http://evil.example/x>`;
/** Rows with `bad` fail, with a message that looks like markup. */
const JOB = `
  import { count, csv, defineJob } from "fanjoin";
  export default defineJob({
    name: "check", input: csv(), join: count(), retries: 0,
    process({ id, note }, ctx) {
      if (note.includes("bad") && !ctx.params?.lenient) throw new Error(${JSON.stringify(EVIL)});
      return id;
    },
  });
`;
const RAW = "bad </td><script>document.title='raw'</script>";

async function ended(at: Workspace): Promise<string> {
  at.write("check.ts", JOB);
  at.write("<img src=x>.csv", `id,note\n1,fine\n2,${RAW}\n3,fine\n`);
  const params = JSON.stringify({ token: "hidden-token" });
  const { summary, code } = await at.json("run", "check.ts", "<img src=x>.csv", "--params", params);
  expect(code).toBe(1);
  return summary.batch;
}

function filesOf(at: Workspace, batch: string): string[] {
  return readdirSync(join(at.path, ".fanjoin", "batches", batch)).toSorted();
}

test("the report and its data are written beside the result, and the path is printed", async () => {
  const at = workspace();
  const batch = await ended(at);
  const { code, stdout, stderr } = await at.run("report", batch.slice(0, 20));
  const path = join(".fanjoin", "batches", batch, "report.html");
  expect([code, stdout, stderr]).toEqual([0, `${path}\n`, ""]);
  expect(filesOf(at, batch)).toEqual([
    "failed.jsonl",
    "history.json",
    "report.html",
    "report.json",
    "result.json",
  ]);
  expect(at.read(path)).toContain("Every item is accounted for");
  const data = JSON.parse(at.read(path.replace(".html", ".json"))) as object;
  expect(data).toMatchObject({
    format: 1,
    summary: { batch, items: { total: 3, succeeded: 2, failed: 1 } },
    failures: { groups: [{ count: 1, items: [{ line: 3 }] }] },
    result: "2\n",
    command: `fanjoin run check.ts '<img src=x>.csv' --params '{"token":"hidden"}'`,
  });
  expect(at.read(path) + JSON.stringify(data)).not.toMatch(new RegExp(`hidden-token|${at.path}`));
});

test("--output, --json and --no-raw: another place, the data, and no text of items", async () => {
  const at = workspace();
  const batch = await ended(at);
  const before = filesOf(at, batch);
  const given = await at.run("report", "--output", "mine.html");
  expect([given.code, given.stdout]).toEqual([0, "mine.html\n"]);
  expect(at.read("mine.html")).toContain("bad &lt;/td>");
  const shown = await at.run("report", "--output", "-", "--no-raw");
  expect(shown.stdout).toMatch(/^<!doctype html>/);
  expect(shown.stdout).not.toContain("bad &lt;/td>");
  const data = await at.run("report", "--json", "--no-raw");
  expect(JSON.parse(data.stdout)).toMatchObject({ failures: { groups: [{ items: [{ item: null }] }] } });
  expect((await at.run("report", "--json", "--output", "mine.json")).stdout).toBe("mine.json\n");
  expect(JSON.parse(at.read("mine.json"))).toMatchObject({
    failures: { groups: [{ items: [{ item: `2,${RAW}` }] }] },
  });
  expect(filesOf(at, batch)).toEqual(before);
});

test("--open opens the file, and says so where no program does", async () => {
  const at = workspace();
  const batch = await ended(at);
  const path = join(at.path, ".fanjoin", "batches", batch, "report.html");
  const without = workspace({ PATH: at.path });
  const none = await without.run("report", "--open", "--dir", join(at.path, ".fanjoin"));
  expect(none.stderr).toBe(`no program here opens it: open ${path} in a browser\n`);
  // A launcher of this test says what it was given.
  const launcher = process.platform === "darwin" ? "open" : "xdg-open";
  at.write(
    launcher,
    `#!/bin/sh\nprintf %s "$1" > "${at.path}/opened.new" && mv "${at.path}/opened.new" "${at.path}/opened"\n`,
  );
  chmodSync(join(at.path, launcher), 0o755);
  const env = { PATH: `${at.path}${delimiter}${process.env["PATH"] ?? ""}` };
  const { code } = await workspace(env).run("report", "--open", "--dir", join(at.path, ".fanjoin"));
  expect(code).toBe(0);
  await expect.poll(() => existsSync(join(at.path, "opened")) && at.read("opened")).toBe(path);
});

test("a batch that runs, an unknown one and a place that cannot be used are refused", async () => {
  const at = workspace();
  const { batch, running } = await startSlow(at);
  const early = await at.run("report", batch);
  expect([early.code, early.stdout]).toEqual([2, ""]);
  expect(early.stderr).toContain(`batch ${batch} has not ended yet`);
  running.child.kill("SIGKILL");
  await running.ended;
  expect((await at.run("report", "01X")).stderr).toContain("BATCH_UNKNOWN");
  expect((await at.run("report", "--open", "--output", "-")).stderr).toContain("--open needs a file");
});

test("a folder of the batch that is a link is refused, and nothing is written through it", async () => {
  const at = workspace();
  const batch = await ended(at);
  const folder = join(at.path, ".fanjoin", "batches", batch);
  symlinkSync(join(at.path, "check.ts"), join(folder, "report.html"));
  expect((await at.run("report")).code).toBe(0);
  expect(at.read("check.ts")).toBe(JOB);
  renameSync(folder, join(at.path, "elsewhere"));
  symlinkSync(join(at.path, "elsewhere"), folder);
  const refused = await at.run("report");
  expect([refused.code, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toContain("DIRECTORY_UNUSABLE");
});

test("a redrive takes the report of before away", async () => {
  const at = workspace();
  const batch = await ended(at);
  await at.run("report");
  at.write("check.ts", JOB.replace("throw new Error", "return String"));
  expect((await at.run("redrive", batch)).code).toBe(0);
  expect(filesOf(at, batch)).toEqual(["history.json", "result.json"]);
  await at.run("report");
  // A later start of the owner repairs what a crash left, and leaves the report.
  at.write("other.ts", JOB.replace('"check"', '"other"'));
  await at.run("run", "other.ts", "<img src=x>.csv");
  expect(filesOf(at, batch)).toEqual(["history.json", "report.html", "report.json", "result.json"]);
});

describe.skipIf(WITHOUT_BROWSER !== null)(`in a browser ${WITHOUT_BROWSER ?? ""}`, () => {
  test("hostile names, messages and items are text, and nobody is asked", async () => {
    const at = workspace();
    await ended(at);
    const { stdout } = await at.run("report");
    const browser = await launch();
    try {
      const watched = await openPage(browser);
      const asked: string[] = [];
      watched.page.on("request", (request) => asked.push(request.url()));
      const url = pathToFileURL(join(at.path, stdout.trim())).href;
      await watched.page.goto(url);
      const body = await watched.page.locator("body").textContent();
      expect(body).toContain(EVIL);
      expect(body).toContain(RAW);
      expect(await watched.page.title()).toContain(": report");
      expect(await watched.page.locator("script, img, [onerror]").count()).toBe(0);
      expect(asked.filter((one) => !one.startsWith("data:"))).toEqual([url]);
      await closeQuietPage(watched);
    } finally {
      await browser.close();
    }
  });
});
