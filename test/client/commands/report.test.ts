/** `fanjoin report` of a stack: made here from its answers, and written into the working directory. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import { csvJob } from "../../steps/jobs.ts";
import { deploy } from "../deployed.ts";

test("the report of a batch of a stack has its counts, first items and result", async () => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const object = deployed.api.put("inputs/a.csv", "");
  deployed.api.stage.store.put(object, "id,note\n1,fine\n2,bad ë\n3,fine\n");
  const { batch } = await deployed.api.submit({ input: { object }, chunk: { items: 2 } });
  await deployed.api.stage.pump();
  const at = workspace(deployed.env);
  const on = ["--endpoint", deployed.url];
  const { code, stdout, stderr } = await at.run("report", batch.slice(0, 20), ...on);
  const path = `report-${batch}.html`;
  expect([code, stdout, stderr]).toEqual([0, `${path}\n`, ""]);
  expect(readdirSync(at.path)).toEqual([path]);
  for (const part of ["Every item is accounted for", "row 2 is bad", "2,bad ë"])
    expect(at.read(path)).toContain(part);
  const data = await at.run("report", ...on, "--json", "--no-raw");
  expect(JSON.parse(data.stdout)).toMatchObject({
    summary: { batch, items: { total: 3, succeeded: 2, failed: 1 } },
    failures: { of: 1, groups: [{ count: 1, items: [{ item: null }] }] },
  });
  expect(deployed.seen.filter(({ method }) => method !== "GET")).toHaveLength(0);
});

test("a stack that fails meanwhile is told in its words", async () => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const object = deployed.api.put("inputs/a.csv", "");
  deployed.api.stage.store.put(object, "id,note\n1,fine\n");
  const { batch } = await deployed.api.submit({ input: { object } });
  await deployed.api.stage.pump();
  let asked = 0;
  deployed.meddle = ({ path }) => {
    if (path !== `/batches/${batch}`) return null;
    asked++;
    const body = JSON.stringify({ status: 404, code: "BATCH_UNKNOWN", detail: "there is no such batch" });
    return asked < 3 ? null : { status: 404, headers: { "content-type": "application/problem+json" }, body };
  };
  const at = workspace(deployed.env);
  const { code, stdout, stderr } = await at.run("report", batch, "--endpoint", deployed.url);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("there is no such batch [BATCH_UNKNOWN]");
});
