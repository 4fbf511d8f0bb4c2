/** Spooled sources: how much is planned at once, and what is read again for a chunk. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { readingOf } from "../../../src/input/cut/spooled.ts";
import { planOf, shelf } from "../spooling.ts";
import { readerKinds } from "../../../src/input/kinds.ts";

const MIB = 1024 * 1024;

test("a spooled entry ends soon after 32 MiB, so that its chunks can start", async () => {
  const rows = "x"
    .repeat(1023)
    .concat("\n")
    .repeat((80 * MIB) / 1024);
  const plan = await planOf(csv({ columns: ["x"] }), shelf({ "in.gz": gzipSync(rows, { level: 1 }) }), {
    count: 100,
    bytes: 4 * MIB,
    items: null,
  });
  const sizes = plan.map(({ ranges }) => ((ranges.at(-1)?.end ?? 0) - (ranges[0]?.start ?? 0)) / MIB);
  expect(sizes).toEqual([32, 32, 16]);
});

test("the header of a packed source is read once, whichever spool and checksum its chunks have", async () => {
  const rows = Array.from({ length: 300 }, (_, n) => `${n},name ${n}\n`).join("");
  const { store: plain, sources } = shelf({ "in.gz": gzipSync(`id,name\n${rows}`) });
  const files = { sources, store: { ...plain, sums: true as const } };
  const reader = csv();
  const plan = await planOf(reader, files, { count: 3, bytes: 100, items: null });
  expect(plan.length).toBeGreaterThan(5);
  let opened = 0;
  const store = {
    ...files.store,
    read(...[name, ...rest]: Parameters<typeof files.store.read>) {
      if (name === "in.gz") opened++;
      return files.store.read(name, ...rest);
    },
  };
  const [source] = files.sources;
  if (source === undefined) throw new Error("no source");
  const ids: unknown[] = [];
  const openedAfter: number[] = [];
  for (const entry of plan) {
    for (const range of entry.ranges) {
      const request = { source, range, options: reader.options, store };
      const spool = entry.spool && { spool: entry.spool };
      expect(range.crc).toBeTypeOf("number");
      const reading = readingOf(readerKinds.csv, request, { ...range, ...spool });
      for await (const { values } of reading.kind.read(reading.request)) ids.push(...values);
      openedAfter.push(opened);
    }
  }
  expect(ids).toHaveLength(300);
  expect(new Set(openedAfter).size).toBe(1);
});
