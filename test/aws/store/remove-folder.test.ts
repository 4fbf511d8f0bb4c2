import { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import type { DeleteObjectsCommandInput, ListObjectsV2CommandInput } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { removeFolder } from "../../../src/aws/store/remove-folder.ts";

type Command = { readonly input: ListObjectsV2CommandInput & DeleteObjectsCommandInput };

/** S3 that lists `keys`, and says whether there are more. */
function listing(keys: readonly string[], IsTruncated: boolean | undefined, Errors?: readonly object[]) {
  const removed: (string | undefined)[] = [];
  const prefixes: (string | undefined)[] = [];
  const send = async (command: Command) => {
    if (command instanceof DeleteObjectsCommand) {
      removed.push(...(command.input.Delete?.Objects ?? []).map(({ Key }) => Key));
      return { Errors };
    }
    prefixes.push(command.input.Prefix);
    return { ...(keys.length > 0 ? { Contents: keys.map((Key) => ({ Key })) } : {}), IsTruncated };
  };
  const folder = { Bucket: "own", Key: "batches/01A" };
  return { removed, prefixes, remove: () => removeFolder({ send } as never, folder) };
}

test("the objects of one page are removed, and the folder is empty if there is no other page", async () => {
  for (const isTruncated of [false, undefined]) {
    const one = listing(["batches/01A/x", "batches/01A/y"], isTruncated);
    expect(await one.remove()).toBe(true);
    expect(one.removed).toEqual(["batches/01A/x", "batches/01A/y"]);
    // Not those of batches/01AB.
    expect(one.prefixes).toEqual(["batches/01A/"]);
  }
});

test("with another page the folder is not empty yet", async () => {
  expect(await listing(["batches/01A/x"], true).remove()).toBe(false);
});

test("an empty folder needs no removal", async () => {
  const one = listing([], false);
  expect(await one.remove()).toBe(true);
  expect(one.removed).toEqual([]);
});

test("objects that S3 did not remove are an error that says how many, and why", async () => {
  const one = listing(["a", "b"], false, [{ Code: "AccessDenied", Message: "no" }, {}]);
  await expect(one.remove()).rejects.toThrow("2 objects of batches/01A/ were not removed: AccessDenied no");
  await expect(listing(["a"], false, [{}]).remove()).rejects.toThrow("1 objects of batches/01A/");
});
