import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testJob } from "fanjoin/testing";
import job from "./job.ts";
import { startService } from "./service.ts";
import type { Service } from "./service.ts";

let service: Service;
before(async () => {
  service = await startService(2);
});
after(() => service.close());

test("a busy service is asked again, and an unknown city fails at once", async () => {
  const items = [{ city: "Oslo" }, { city: "Atlantis" }, { city: "Lima" }];
  const { result, outputs, failed } = await testJob(job, { items }, { params: { url: service.url } });
  assert.deepEqual([result.cities, result.mean], [2, 11]);
  assert.deepEqual(outputs, [
    { city: "Oslo", degrees: 3 },
    { city: "Lima", degrees: 19 },
  ]);
  assert.deepEqual([failed[0]?.attempts, failed[0]?.error?.name], [3, "UnknownCity"]);
});
