import { expect, test } from "vitest";
import { LogDisplay } from "../../src/cli/display/progress/log-display.ts";
import { latestToResume } from "../../src/cli/place.ts";
import type { CommandPlace } from "../../src/cli/place.ts";
import type { Batch, Fanjoin } from "../../src/door/fanjoin.ts";

function placeWith(...batches: [batch: string, endedAt: string | null][]): CommandPlace {
  const fanjoin = {
    where: "in .fanjoin",
    async *list() {
      for (const [batch, endedAt] of batches) yield { batch, endedAt };
    },
    batch: async (id: string) => ({ id }) as Batch,
  } as unknown as Fanjoin;
  return {
    fanjoin,
    runsHere: true,
    keepReport: async () => undefined,
    goesOnElsewhere: async () => false,
    log: new LogDisplay(),
    find: (named) => fanjoin.batch(named),
    command: (rest) => rest,
    [Symbol.asyncDispose]: async () => {},
    resumeCommand: async (batch) => batch,
  };
}

test("the batch to resume is the latest unfinished one; if all have ended, the latest one", async () => {
  const ended = "2026-11-29T12:00:01.000Z";
  expect((await latestToResume(placeWith(["01C", ended], ["01B", null], ["01A", null]))).id).toBe("01B");
  expect((await latestToResume(placeWith(["01C", ended], ["01B", ended]))).id).toBe("01C");
  await expect(latestToResume(placeWith())).rejects.toMatchObject({
    code: "BATCH_UNKNOWN",
    message: "there is no batch in .fanjoin",
  });
});
