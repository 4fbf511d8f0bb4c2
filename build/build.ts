/**
 * Builds and packs what is published: `npm run build`. Node does not strip types under
 * `node_modules`, so an installed package has to be JavaScript; and a bundled one needs no other packages and
 * starts sooner.
 */
import { rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { bundleForBrowsers, bundleFunctions } from "./bundles.ts";
import { buildCommand } from "./command.ts";
import { contentsText } from "./contents.ts";
import { writeDeclarations } from "./declarations.ts";
import { licencesText } from "./licences.ts";
import { codeIn, readManifest } from "./manifest.ts";
import { pack } from "./pack.ts";
import { ROOT } from "./root.ts";

/** `npm create fanjoin`: a package of one file, which is published as it is. */
export const CREATE = join(ROOT, "build/create-fanjoin");

/** Builds the package into `folder`, which has to be empty or missing. */
export async function build(folder: string): Promise<void> {
  const bundled = await buildCommand(folder);
  const manifest = readManifest();
  bundled.push(...(await bundleForBrowsers(manifest, folder)), ...(await bundleFunctions(folder)));
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licencesText(bundled));
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
