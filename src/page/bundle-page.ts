/**
 * Makes the page one HTML file: script and styles are in it. Only a checkout and the build do this.
 *
 * The script is packed, because text of a program is four times as long as it has to be. A few lines unpack
 * it and put it into the document, where the content policy compares its hash like that of any script.
 */
import { deflateRawSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { tabIcon } from "./live/tab.ts";
import { PACKED_TYPE } from "./content-policy.ts";
import { pageCss } from "./style/page-css.ts";

const ENTRY = fileURLToPath(new URL("./main.ts", import.meta.url));

const UNPACK = [
  "(async()=>{",
  `const packed=document.querySelector('script[type="${PACKED_TYPE}"]').textContent;`,
  "const bytes=Uint8Array.from(atob(packed),(c)=>c.charCodeAt(0));",
  'const text=new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));',
  'const script=document.createElement("script");',
  "script.textContent=await new Response(text).text();",
  "document.body.append(script)})()",
].join("");

export interface BundledPage {
  readonly html: string;
  /** The script that is packed in it. */
  readonly script: string;
  /** The files that went into it. */
  readonly inputs: readonly string[];
}

/** `root`: the folder that the names of `inputs` are relative to. */
export async function bundlePage(root: string): Promise<BundledPage> {
  const { build, transform } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    mainFields: ["browser", "module", "main"],
    legalComments: "none",
    charset: "utf8",
    metafile: true,
  });
  const css = await transform(pageCss, { loader: "css", minify: true });
  const script = (outputFiles[0]?.text ?? "").trim();
  return { html: pageAround(script, css.code.trim()), script, inputs: Object.keys(metafile.inputs) };
}

function pageAround(script: string, style: string): string {
  const packed = deflateRawSync(script, { level: 9 }).toString("base64");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>fanjoin</title>
<link rel="icon" href="${tabIcon(null)}">
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript. The command line shows the same: fanjoin list, fanjoin show latest.</noscript>
<div id="app"></div>
<script type="${PACKED_TYPE}">${packed}</script>
<script>${UNPACK}</script>
</body>
</html>
`;
}
