import { S3ServiceException } from "@aws-sdk/client-s3";
import type { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { readObject } from "../../../src/aws/store/object-read.ts";

const DATA = Buffer.from("0123456789");

interface Sends {
  /** Bytes of the body before it ends, without an error. */
  readonly most: number;
  /** The body comes in blocks of so many bytes. */
  readonly block?: number;
  readonly withoutLength?: boolean;
}

/** S3 whose responses end early, as those of a proxy may. */
function ending({ most, block = 100, withoutLength = false }: Sends) {
  const ranges: (string | undefined)[] = [];
  const send = async ({ input: { Range } }: GetObjectCommand) => {
    ranges.push(Range);
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(Range ?? "") ?? [];
    const bytes = DATA.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
    if (bytes.length === 0)
      throw new S3ServiceException({
        name: "InvalidRange",
        $fault: "client",
        $metadata: { httpStatusCode: 416 },
        message: "no",
      });
    const Body = (async function* () {
      const sent = bytes.subarray(0, most);
      for (let at = 0; at < sent.length; at += block) yield sent.subarray(at, at + block);
    })();
    return { ETag: '"1"', Body, ...(withoutLength ? {} : { ContentLength: bytes.length }) };
  };
  const waits: number[] = [];
  const source = {
    client: { send } as never,
    address: { Bucket: "b", Key: "k" },
    name: "s3://b/k",
    backoff: async (tries: number) => void waits.push(tries),
  };
  const read = async (start: number, end: number): Promise<string> =>
    Buffer.concat(await Array.fromAsync(readObject(source, start, end, undefined))).toString();
  return { read, ranges, waits };
}

test("a body that ends before its length is read on from where it ended", async () => {
  const { read, ranges, waits } = ending({ most: 4, block: 3 });
  expect(await read(1, 10)).toBe("123456789");
  expect(ranges).toEqual(["bytes=1-9", "bytes=5-9", "bytes=9-9"]);
  // Each brought some bytes.
  expect(waits).toEqual([1, 1]);
});

test("an object that ends before the range is read once, also if its length is not said", async () => {
  for (const withoutLength of [false, true]) {
    const { read, ranges } = ending({ most: 100, withoutLength });
    expect(await read(2, 50)).toBe("23456789");
    expect(await read(2, Infinity)).toBe("23456789");
    expect(ranges).toEqual(["bytes=2-49", "bytes=2-"]);
  }
  const { read, ranges } = ending({ most: 100 });
  expect(await read(10, 12)).toBe("");
  expect(ranges).toEqual(["bytes=10-11"]);
});

test("bodies that bring no byte are given up after six, with what was sent", async () => {
  const { read, waits } = ending({ most: 0 });
  await expect(read(3, 9)).rejects.toThrow("S3 sent only 0 bytes of s3://b/k");
  expect(waits).toEqual([1, 2, 3, 4, 5]);
});
