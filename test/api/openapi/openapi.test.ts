import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { openApiDocument } from "../../../src/api/openapi/openapi.ts";
import { ROUTES } from "../../../src/api/routes.ts";
import { countingJob } from "../../steps/jobs.ts";
import { apiStage, BASE } from "../api-stage.ts";
import { takesBody } from "./described.ts";

const METHODS = ["get", "put", "post", "delete", "patch"];

test("the description is valid OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate({ ...openApiDocument(BASE) });
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test("every route is described, and every described path is a route", () => {
  const described = Object.entries(openApiDocument(BASE)["paths"] as object).flatMap(([path, item]) =>
    Object.keys(item as object)
      .filter((method) => METHODS.includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
});

test("the header of a trace is described where it is read", () => {
  const { paths } = openApiDocument(BASE) as {
    readonly paths: { readonly [path: string]: { readonly post?: { readonly parameters?: unknown[] } } };
  };
  const [described, ...others] = paths["/jobs/{job}/batches"]?.post?.parameters ?? [];
  expect(others).toEqual([]);
  expect(described).toMatchObject({ name: "traceparent", in: "header" });
  const { schema } = described as { readonly schema: { readonly pattern: string } };
  const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  expect(new RegExp(schema.pattern).test(trace)).toBe(true);
  expect(new RegExp(schema.pattern).test(`ff-${trace}`)).toBe(false);
});

test("the served description has the URL of its API", async () => {
  const { get } = await apiStage(countingJob(1));
  const { status, json } = await get("/openapi.json");
  expect(status).toBe(200);
  expect(json).toMatchObject({ openapi: "3.1.0", servers: [{ url: BASE }] });
});

test.for([
  ["NewBatch", {}, true],
  ["NewBatch", { input: { items: [1, null, "x"] }, params: 3, id: "a b", chunk: { items: 2 } }, true],
  ["NewBatch", { input: { items: [], object: "s3://ours/x" } }, false],
  ["NewBatch", { input: {} }, false],
  ["NewBatch", { input: { object: "https://ours/x" } }, false],
  ["NewBatch", { inputs: { items: [] } }, false],
  ["NewBatch", { id: "../x" }, false],
  ["NewBatch", { id: "" }, false],
  ["NewBatch", { id: 7 }, false],
  ["NewBatch", { chunk: { items: 0 } }, false],
  ["NewBatch", [], false],
] as const)("the description and the API agree about %s of %j: %s", async ([schema, body, taken]) => {
  // Everything that it names exists, so only its shape can be wrong.
  const { post } = await apiStage(countingJob(1));
  const { status } = await post("/jobs/counting/batches", body);
  const refusedAsOwn = "input" in body && taken;
  expect(takesBody(schema, body)).toBe(taken);
  expect(status).toBe(taken && !refusedAsOwn ? 202 : 400);
});
