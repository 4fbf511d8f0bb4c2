/** A bundle of `fanjoin/client` for browsers has nothing that only Node has. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

const MAX_BYTES = 40_000;

test("it holds nothing of node:, of the AWS SDK, and no Buffer", async () => {
  const { code, inputs } = await bundle('export { connect, FanjoinError } from "fanjoin/client";');
  const names = Object.keys(inputs).filter((name) => name !== "<stdin>");
  expect(names).toContain("src/client/browser/connect.ts");
  expect(names.filter((name) => !name.startsWith("src/"))).toEqual([
    expect.stringMatching(/^node_modules\/ulid\/dist\/browser\//),
  ]);
  const asked = Object.values(inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(asked.filter((path) => /^node:|@aws-sdk|@smithy|@aws-crypto/.test(path))).toEqual([]);
  expect(code).not.toMatch(/\bBuffer\b|\bprocess\.|\brequire\(|node:/);
  const [minified, packed] = [code.length, gzipSync(code).length];
  console.log(`fanjoin/client for browsers: ${minified} bytes minified, ${packed} bytes with gzip`);
  expect(minified).toBeLessThan(MAX_BYTES);
});

test("a bundle for Node has the door of Node", async () => {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    stdin: { contents: 'export { connect } from "fanjoin/client";', resolveDir: process.cwd() },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "bundle",
    external: ["@aws-sdk/*", "@smithy/*", "@aws-crypto/*"],
    write: false,
    metafile: true,
  });
  expect(Object.keys(metafile.inputs)).toContain("src/client/connect.ts");
  expect(Object.keys(metafile.inputs)).not.toContain("src/client/browser/connect.ts");
});
