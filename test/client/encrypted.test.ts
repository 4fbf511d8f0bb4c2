import type { LookupAddress } from "node:dns";
import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FanjoinError } from "../../src/core/errors/errors.ts";
import { checkAwsEndpoint, checkEncrypted, loopbackAddress } from "../../src/client/node/encrypted.ts";

/** Answers for names; addresses are looked up as always. */
const NAMES: { readonly [name: string]: readonly string[] } = {
  "here.example": ["127.0.0.1"],
  "both.example": ["::1", "127.0.0.2"],
  "away.example": ["192.0.2.1"],
  "mixed.example": ["127.0.0.1", "192.0.2.1"],
};

async function lookup(name: string): Promise<LookupAddress[]> {
  const found = NAMES[name] ?? (/^[\d.]+$|:/.test(name) ? [name] : []);
  if (found.length === 0) throw new Error("ENOTFOUND");
  return found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}

const { lookup: real } = dns;

function lookUpWith(own: unknown): void {
  Object.assign(dns, { lookup: own });
  syncBuiltinESMExports();
}

beforeAll(() => lookUpWith(lookup));
afterAll(() => lookUpWith(real));

test("a name is this machine if all of its addresses are", async () => {
  expect(await loopbackAddress("here.example")).toBe("127.0.0.1");
  expect(await loopbackAddress("both.example")).toBe("127.0.0.2");
  expect(await loopbackAddress("[::1]")).toBe("::1");
  expect(await loopbackAddress("127.9.9.9")).toBe("127.9.9.9");
  for (const name of [
    "away.example",
    "mixed.example",
    "unknown.example",
    "0.0.0.0",
    "192.0.2.1",
    "[fe80::1]",
  ])
    expect([name, await loopbackAddress(name)]).toEqual([name, null]);
});

test.for([
  ["https://away.example/prod", false, true],
  ["http://here.example:4566", false, true],
  ["http://127.0.0.1:4747", false, true],
  ["http://[::1]:4747", false, true],
  ["http://away.example", false, false],
  ["http://mixed.example", false, false],
  ["http://unknown.example", false, false],
  ["http://away.example", true, true],
] as const)("%s with insecure=%j is allowed: %j", async ([url, insecure, allowed]) => {
  const checked = checkEncrypted(new URL(url), "--endpoint", insecure);
  const code = await checked.then(
    () => null,
    (error: unknown) => (error as FanjoinError).code,
  );
  expect(code).toBe(allowed ? null : "USAGE");
});

test("an endpoint in the place of an AWS service is checked, the service's own variable first", async () => {
  const away = "http://away.example:4566";
  const refused = (env: NodeJS.ProcessEnv): Promise<void> => checkAwsEndpoint("S3", false, env);
  await expect(refused({ AWS_ENDPOINT_URL: away })).rejects.toThrow(`AWS_ENDPOINT_URL ${away} is neither`);
  const own = { AWS_ENDPOINT_URL_S3: away, AWS_ENDPOINT_URL: "http://here.example" };
  await expect(refused(own)).rejects.toThrow(`AWS_ENDPOINT_URL_S3 ${away}`);
  await refused({ AWS_ENDPOINT_URL_S3: "http://here.example", AWS_ENDPOINT_URL: away });
  await refused({});
  await checkAwsEndpoint("S3", true, { AWS_ENDPOINT_URL: away });
});
