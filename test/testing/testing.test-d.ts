import { expectTypeOf, test } from "vitest";
import { csv } from "../../src/input/csv.ts";
import { lines } from "../../src/input/lines.ts";
import { range } from "../../src/input/range.ts";
import { drop } from "../../src/core/drop.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";
import { collect, count } from "../../src/joins/exact/count.ts";
import { groupBy } from "../../src/joins/groups/group-by.ts";
import type { Groups } from "../../src/joins/groups/group-by.ts";
import { sum } from "../../src/joins/exact/sum.ts";
import { testJob } from "../../src/testing/testing.ts";
import type { FailedLine, ItemCounts } from "../../src/testing/testing.ts";

const sales = defineJob({
  name: "sales",
  input: csv<"country" | "amount">(),
  process: async (row) => (row.country === "" ? drop : { country: row.country, cents: Number(row.amount) }),
  join: {
    by: groupBy((row: { country: string }) => row.country, { n: count() }),
    rows: collect(),
  },
});

test("the result has the type of the join, the outputs that of process", async () => {
  const answer = await testJob(sales, { text: "" });
  expectTypeOf(answer.result).toEqualTypeOf<{ by: Groups<{ n: number }>; rows: number }>();
  expectTypeOf(answer.outputs).toEqualTypeOf<readonly { country: string; cents: number }[]>();
  expectTypeOf(answer.failed).toEqualTypeOf<readonly FailedLine[]>();
  expectTypeOf(answer.items).toEqualTypeOf<ItemCounts>();
});

test("a job given by URL is typed by its module", async () => {
  const url = new URL("file:///job.ts");
  const typed = await testJob<typeof sales>(url, { text: "" }, { everyCut: true, seed: 1 });
  expectTypeOf(typed.result.rows).toEqualTypeOf<number>();
  expectTypeOf((await testJob(url)).result).toBeUnknown();
});

test("a flat collection has elements as outputs, and a bare job an unknown result", async () => {
  const words = defineJob({
    name: "words",
    input: lines(),
    process: (line) => line.split(" "),
    join: collect({ flat: true }),
  });
  expectTypeOf((await testJob(words, { text: "" })).outputs).toEqualTypeOf<readonly (string | string[])[]>();
  const bare = defineJob({ name: "bare", input: range(1), process: (n) => n });
  expectTypeOf((await testJob(bare)).result).toBeUnknown();
  expectTypeOf((await testJob(sales as Job)).result).toBeUnknown();
});

test("mistakes are refused", () => {
  const total = defineJob({ name: "total", input: range(1), process: (n) => n, join: sum() });
  expectTypeOf(total).toExtend<Job>();
  // @ts-expect-error items is an array
  void testJob(total, { items: 4 });
  // @ts-expect-error the option is called everyCut
  void testJob(total, { items: [4] }, { everyCuts: true });
  // @ts-expect-error a path is no URL
  void testJob("./job.ts", { items: [4] });
});
