/** A process that is killed between the end of a batch and its news. */
import { expect, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import { receiver, SECRET, verified } from "../../webhooks/receiver.ts";

test("killed while it tells of the end, the next run of the job tells it, under the same id", async () => {
  // The first attempt gets no answer.
  const to = await receiver((n) => (n === 1 ? null : 200));
  const at = workspace({ FANJOIN_WEBHOOK_SECRET: SECRET });
  at.write(
    "tells.ts",
    `import { defineJob, range } from "fanjoin";
    export default defineJob({
      name: "tells", input: range(100), process: (n) => n,
      onEnd: { webhooks: ["${to.url}"], privateWebhooks: true },
    });`,
  );
  const first = at.start("run", "tells.ts", "--id", "mine");
  await to.arrived(1);
  first.child.kill("SIGKILL");
  expect(await first.ended).toMatchObject({ signal: "SIGKILL" });
  const again = await at.json("run", "tells.ts", "--id", "mine");
  expect(again).toMatchObject({ code: 0, summary: { state: "succeeded", items: { succeeded: 100 } } });
  expect(to.received).toHaveLength(2);
  const ids = to.received.map(({ headers }) => headers["webhook-id"]);
  expect(new Set(ids)).toEqual(new Set([`msg_${again.summary.batch}_0`]));
  const news = { type: "batch.ended", data: { batch: again.summary.batch, state: "succeeded" } };
  expect(to.received.map(verified)).toMatchObject([news, news]);
});
