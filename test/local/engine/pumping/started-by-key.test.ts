import { expect, test } from "vitest";
import { StartedByKey } from "../../../../src/local/engine/pumping/started-by-key.ts";

function started() {
  const events: string[] = [];
  const all = new StartedByKey<{ readonly name: string; close(): Promise<void> }, number>((key, seed) => {
    events.push(`start ${key} ${seed}`);
    return { name: `${key}${seed}`, close: async () => void events.push(`close ${key}${seed}`) };
  });
  return { all, events };
}

test("each key is started once, with what it was first asked for", () => {
  const { all, events } = started();
  expect(all.find("a")).toBeUndefined();
  const first = all.get("a", 1);
  expect([all.get("a", 2), all.find("a")]).toEqual([first, first]);
  expect(all.get("b", 3)).not.toBe(first);
  expect(events).toEqual(["start a 1", "start b 3"]);
  expect(all.entries().map(([key, { name }]) => [key, name])).toEqual([
    ["a", "a1"],
    ["b", "b3"],
  ]);
});

test("a key that was closed is started anew, and one that was not started is not closed", async () => {
  const { all, events } = started();
  all.get("a", 1);
  await all.close("b");
  await all.close("a");
  await all.close("a");
  expect(all.find("a")).toBeUndefined();
  all.get("a", 2);
  all.get("b", 3);
  await all.closeAll();
  expect(events).toEqual(["start a 1", "close a1", "start a 2", "start b 3", "close a2", "close b3"]);
});
