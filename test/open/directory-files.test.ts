import { expect, test } from "vitest";
import { directoryReader, openReadOnly } from "../../src/open/directory-files.ts";
import { begin } from "../local/engine/batches-run.ts";
import { bench, numbers } from "../local/engine/engines.ts";

test("reads at the same time share one look at a directory; a later one sees what came meanwhile", async () => {
  const at = bench();
  const engine = await begin(at, numbers(4), { items: 2 });
  await engine.finished("01A");
  const looks = { opened: 0, closed: 0 };
  const reader = directoryReader(at.path("state"), (directory) => {
    looks.opened++;
    const opened = openReadOnly(directory);
    return { ...opened, close: () => (looks.closed++, opened.close()) };
  });
  const [list, ...records] = await Promise.all([
    reader.list("batch/", null, 9),
    ...Array.from({ length: 50 }, () => reader.read(["batch/01A", "batch/01B"])),
  ]);
  expect(list.map(({ key }) => key)).toEqual(["batch/01A"]);
  for (const [known, unknown] of records) expect([known?.["job"], unknown]).toEqual(["numbers", null]);
  expect(looks).toEqual({ opened: 1, closed: 1 });
  await engine.ledger.update({ key: "batch/01A", when: [], set: {}, add: { idleMs: 7 } });
  await engine.committed();
  expect(await reader.read(["batch/01A"])).toEqual([expect.objectContaining({ idleMs: 7 })]);
  expect(looks).toEqual({ opened: 2, closed: 2 });
  await engine.stop();
});

test("a look that fails is the error of each read, and the next one looks again", async () => {
  let fails = true;
  const at = bench();
  const reader = directoryReader(at.path("state"), (directory) => {
    if (fails) throw new Error("no");
    return openReadOnly(directory);
  });
  await expect(Promise.all([reader.read(["a"]), reader.list("a", null, 1)])).rejects.toThrow("no");
  fails = false;
  expect(await reader.read(["a"])).toEqual([null]);
});
