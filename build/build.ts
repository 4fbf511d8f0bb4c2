/**
 * Builds and packs what is published: `npm run build`. Node does not strip types under
 * `node_modules`, so an installed package has to be JavaScript; and a bundled one needs no other packages and
 * starts sooner.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { bundlePage } from "../src/page/bundle-page.ts";
import { PAGE_FILE } from "../src/page/page-html.ts";
import { bundleCommand, bundleForBrowsers, bundleFunctions } from "./bundles.ts";
import { contentsText } from "./contents.ts";
import { writeDeclarations } from "./declarations.ts";
import { licencesText } from "./licences.ts";
import { codeIn, publishedManifest, readManifest } from "./manifest.ts";
import { pack } from "./pack.ts";
import { ROOT } from "./root.ts";

/** The documents link to each other and to the examples. All of them can be read without a network. */
const AS_THEY_ARE = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "LICENSE",
  "docs",
  "examples",
];

/** `npm create fanjoin`: a package of one file, which is published as it is. */
export const CREATE = join(ROOT, "build/create-fanjoin");

/** Builds the package into `folder`, which has to be empty or missing. */
export async function build(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of AS_THEY_ARE) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  const manifest = readManifest();
  const page = await bundlePage(ROOT);
  writeFileSync(join(folder, PAGE_FILE), page.html);
  const bundled = [
    ...page.inputs,
    ...(await bundleCommand(manifest, folder)),
    ...(await bundleForBrowsers(manifest, folder)),
    ...(await bundleFunctions(folder)),
  ];
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licencesText(bundled));
  writeFileSync(join(folder, "package.json"), publishedManifest(manifest));
  writeDeclarations(codeIn(manifest.exports), folder);
}

if (import.meta.main) {
  const folder = join(ROOT, "dist");
  rmSync(folder, { recursive: true, force: true });
  await build(folder);
  const { name, version } = readManifest();
  const packed = [folder, CREATE].map((one) => basename(pack(one, ROOT)));
  console.log(`${relative(ROOT, folder)}/ is the package ${name} ${version}:`);
  console.log(contentsText(folder));
  console.log(`Packed, to install or publish: ${packed.join(", ")}`);
}
