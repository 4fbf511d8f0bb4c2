import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { fileNames } from "../../../src/runner/keyed/file-names.ts";

const COUNTRY = { name: "country", ending: "csv" };

const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 16);

const namesOf = async (keys: readonly string[], outputs = COUNTRY): Promise<(string | undefined)[]> => {
  const names = await fileNames(outputs, keys);
  expect([...names.keys()]).toEqual([...keys]);
  return keys.map((key) => names.get(key));
};

test("a file is named after its key; characters that a file system may refuse are written as in a URL", async () => {
  expect(await namesOf(["norway", "Côte d'Ivoire", "a/b\\..", "", "A-Z_0.9~", "\n"])).toEqual([
    "country=norway.csv",
    "country=C%C3%B4te%20d%27Ivoire.csv",
    "country=a%2Fb%5C...csv",
    "country=.csv",
    "country=A-Z_0.9%7E.csv",
    "country=%0A.csv",
  ]);
  expect(await namesOf(["x"], { name: "a b", ending: "jsonl" })).toEqual(["a%20b=x.jsonl"]);
});

test("keys that differ only in upper and lower case have different names on every file system", async () => {
  expect(await namesOf(["No", "no", "nO", "yes"])).toEqual([
    `country=No~${hashOf("No")}.csv`,
    `country=no~${hashOf("no")}.csv`,
    `country=nO~${hashOf("nO")}.csv`,
    "country=yes.csv",
  ]);
});

test("a name has less than 255 bytes, and long keys with the same beginning have different names", async () => {
  const fits = "x".repeat(120);
  const long = ["x".repeat(121), "x".repeat(122), "é".repeat(100)];
  const [plain, ...hashed] = await namesOf([fits, ...long], { name: "n".repeat(300), ending: "jsonl" });
  expect(plain).toBe(`${"n".repeat(80)}=${fits}.jsonl`);
  expect(hashed).toEqual(
    long.map((key) => `${"n".repeat(80)}=${encodeURIComponent(key).slice(0, 120)}~${hashOf(key)}.jsonl`),
  );
  for (const name of hashed) expect(Buffer.byteLength(name ?? "")).toBeLessThan(255);
});
