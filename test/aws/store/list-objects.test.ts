import { S3ServiceException } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { invokeFunction } from "../../../src/aws/invoke-function.ts";
import { listObjects } from "../../../src/aws/store/list-objects.ts";

/** A client that gives prepared answers in turn and records the requests. */
function answering(...answers: readonly unknown[]) {
  const requests: unknown[] = [];
  const send = async ({ input }: { readonly input: unknown }): Promise<unknown> => {
    requests.push(input);
    const answer = answers[requests.length - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { requests, client: { send } as never };
}

const object = (Key: string) => ({ Key, Size: 3, ETag: `"${Key}"` });

test("a list continues from page to page and leaves out folders", async () => {
  const { client, requests } = answering(
    { Contents: [object("a/"), object("a/1")], NextContinuationToken: "more" },
    { Contents: [object("a/2")] },
  );
  expect(await Array.fromAsync(listObjects(client, { bucket: "b", prefix: "a/", after: "a" }))).toEqual([
    { url: "s3://b/a/1", bytes: 3, version: '"a/1"' },
    { url: "s3://b/a/2", bytes: 3, version: '"a/2"' },
  ]);
  expect(requests).toMatchObject([{ Prefix: "a/", StartAfter: "a" }, { ContinuationToken: "more" }]);
});

test("a list requests no page that is not asked for", async () => {
  const { client, requests } = answering({
    Contents: [object("1"), object("2"), object("3")],
    NextContinuationToken: "more",
  });
  const objects = listObjects(client, { bucket: "b", prefix: "" });
  for (let read = 0; read < 2; read++) expect((await objects.next()).done).toBe(false);
  expect(requests).toHaveLength(1);
});

test("a bucket that the stack may not list is INPUT_FORBIDDEN", async () => {
  const refused = new S3ServiceException({
    name: "AccessDenied",
    $fault: "client",
    $metadata: { httpStatusCode: 403 },
    message: "Access Denied",
  });
  const { client } = answering(refused);
  await expect(listObjects(client, { bucket: "b", prefix: "x" }).next()).rejects.toMatchObject({
    code: "INPUT_FORBIDDEN",
  });
});

test("invoking a function returns its JSON answer, or throws the function's error", async () => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  const { client, requests } = answering(
    { Payload: bytes({ job: 1 }) },
    { FunctionError: "Unhandled", Payload: bytes({ errorMessage: "boom" }) },
  );
  expect(await invokeFunction(client, "demo-sales-worker", { describe: {} })).toEqual({ job: 1 });
  expect(requests).toMatchObject([{ FunctionName: "demo-sales-worker" }]);
  await expect(invokeFunction(client, "demo-sales-worker", {})).rejects.toThrow(/demo-sales-worker.*boom/);
});
