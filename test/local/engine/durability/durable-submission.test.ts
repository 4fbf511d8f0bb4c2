import { expect, test } from "vitest";
import { STATE_FILE } from "../../../../src/local/directory/files/own-files.ts";
import type { BatchFiles } from "../../../../src/batch/summary/files.ts";
import { bench, specFor } from "../engines.ts";

/** Each item looks for its own batch in the database, as another process would. */
const LOOKING = `
  import { DatabaseSync } from "node:sqlite";
  import { defineJob, range, sum } from "fanjoin";
  export default defineJob({
    name: "looking",
    input: range(1),
    process(_, { params, key }) {
      const db = new DatabaseSync(params, { readOnly: true });
      const [batch] = key.split("-");
      const row = db.prepare("SELECT count(*) AS n FROM records WHERE key = ?").get("batch/" + batch);
      db.close();
      return row.n;
    },
    join: sum(),
  });
`;

test("a batch is on disk before its first item runs, which may end the process", async () => {
  const at = bench();
  const engine = await at.open();
  const job = await engine.load(at.write("job.ts", LOOKING), at.path("state", STATE_FILE));
  const found: unknown[] = [];
  for (let run = 10; run < 30; run++) {
    const batch = `01B${run}`;
    await engine.submit(specFor(job, { batch, params: at.path("state", STATE_FILE) }));
    const { result, failed } = (await engine.finished(batch))["result"] as unknown as BatchFiles;
    // An item that could not look says why.
    found.push(failed?.failures ?? result?.value);
  }
  expect(found).toEqual(Array.from({ length: 20 }, () => 1));
});
