import { S3ServiceException } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { askFunction } from "../../../src/aws/invoke-function.ts";
import { listObjects } from "../../../src/aws/store/list-objects.ts";

/** A client that answers one request after the other, and remembers what was asked. */
function answering(...answers: readonly unknown[]) {
  const asked: unknown[] = [];
  const send = async ({ input }: { readonly input: unknown }): Promise<unknown> => {
    asked.push(input);
    const answer = answers[asked.length - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, client: { send } as never };
}

const object = (Key: string) => ({ Key, Size: 3, ETag: `"${Key}"` });

test("a list goes on from page to page, and leaves folders out", async () => {
  const { client, asked } = answering(
    { Contents: [object("a/"), object("a/1")], NextContinuationToken: "more" },
    { Contents: [object("a/2")] },
  );
  expect(await listObjects(client, { bucket: "b", prefix: "a/", limit: 10 })).toEqual([
    { url: "s3://b/a/1", bytes: 3, version: '"a/1"' },
    { url: "s3://b/a/2", bytes: 3, version: '"a/2"' },
  ]);
  expect(asked).toMatchObject([{ Prefix: "a/" }, { ContinuationToken: "more" }]);
});

test("a list asks for no more pages than it needs", async () => {
  const { client, asked } = answering({
    Contents: [object("1"), object("2"), object("3")],
    NextContinuationToken: "more",
  });
  expect(await listObjects(client, { bucket: "b", prefix: "", limit: 2 })).toHaveLength(2);
  expect(asked).toHaveLength(1);
});

test("a bucket that the stack may not list is INPUT_FORBIDDEN", async () => {
  const refused = new S3ServiceException({
    name: "AccessDenied",
    $fault: "client",
    $metadata: { httpStatusCode: 403 },
    message: "Access Denied",
  });
  const { client } = answering(refused);
  await expect(listObjects(client, { bucket: "b", prefix: "x", limit: 2 })).rejects.toMatchObject({
    code: "INPUT_FORBIDDEN",
  });
});

test("a function is asked and answers as JSON; one that failed says how", async () => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  const { client, asked } = answering(
    { Payload: bytes({ job: 1 }) },
    { FunctionError: "Unhandled", Payload: bytes({ errorMessage: "boom" }) },
  );
  expect(await askFunction(client, "demo-sales-worker", { describe: {} })).toEqual({ job: 1 });
  expect(asked).toMatchObject([{ FunctionName: "demo-sales-worker" }]);
  await expect(askFunction(client, "demo-sales-worker", {})).rejects.toThrow(/demo-sales-worker.*boom/);
});
