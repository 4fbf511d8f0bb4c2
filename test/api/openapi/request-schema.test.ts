/** The JSON Schema of the request that starts a batch of a job. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import * as z from "zod";
import { files } from "../../../src/input/files.ts";
import { lines } from "../../../src/input/lines.ts";
import { range } from "../../../src/input/range.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { defineJob } from "../../../src/job/job.ts";
import { apiStage } from "../api-stage.ts";

test("a job says what a request that starts a batch may send", async () => {
  interface Tree {
    readonly name: string;
    readonly parts: readonly Tree[];
  }
  const tree: z.ZodType<Tree> = z.object({ name: z.string(), parts: z.array(z.lazy(() => tree)) });
  const params = z.object({ rate: z.number() });
  const job = defineJob({ name: "sales", input: lines(), item: tree, params, process: (item) => item });
  const { json } = await (await apiStage(job)).get("/jobs/sales");
  const { request } = json as { request: object };
  const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile(request);
  const leaf = { name: "a", parts: [] };
  const body = {
    input: { items: [{ name: "b", parts: [leaf] }] },
    params: { rate: 1 },
    id: "x",
    maxItems: 5,
  };
  expect(isValid(body)).toBe(true);
  expect(isValid({ input: { object: "s3://b/key" } })).toBe(true);
  for (const wrong of [
    { ...body, input: { items: [{ name: "b", parts: [{ name: 1, parts: [] }] }] } },
    { ...body, params: { rate: "1" } },
    { ...body, maxItems: 0 },
    { ...body, more: 1 },
    { params: { rate: 1 } },
  ])
    expect(isValid(wrong)).toBe(false);
});

test.each<[string, Reader, object]>([
  ["brings its own input", range(3), { items: [1] }],
  ["reads files", files(), { items: ["a"] }],
])("a job that %s takes no items", async (_name, input, wrong) => {
  const job = defineJob({ name: "sales", input, process: () => null });
  const { json } = await (await apiStage(job)).get("/jobs/sales");
  const isValid = new Ajv2020({ strict: false }).compile((json as { request: object }).request);
  expect(isValid({ input: wrong })).toBe(false);
  expect(isValid(input.own ? {} : { input: { prefix: "s3://b/" } })).toBe(true);
});
