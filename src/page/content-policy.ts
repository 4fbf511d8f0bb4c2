/** The content policy of a page that has all of its code in itself. */
import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";

export interface Contents {
  /** What stands between the tags, to the letter. */
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  /** It asks the server that it comes from. */
  readonly asks: boolean;
}

/** Nothing but these scripts and styles is run or applied, and no other host is asked. */
export function contentPolicy({ scripts, styles, asks }: Contents): string {
  return [
    "default-src 'none'",
    ...(scripts.length === 0 ? [] : [`script-src ${scripts.map(hashOf).join(" ")}`]),
    `style-src ${styles.map(hashOf).join(" ")}`,
    ...(asks ? ["connect-src 'self'"] : []),
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** No browser runs a script of this type: it is packed. */
export const PACKED_TYPE = "text/x-packed";

/** The packed script needs its hash, too. Frames are refused by the header alone: a page cannot do that. */
export function policyOf(html: string): string {
  const contents = (tag: string, attributes = ""): string[] =>
    [...html.matchAll(new RegExp(`<${tag}${attributes}>([^]*?)</${tag}>`, "g"))].map(([, text = ""]) => text);
  const packed = contents("script", ` type="${PACKED_TYPE}"`).map((text) =>
    inflateRawSync(Buffer.from(text, "base64")).toString(),
  );
  const scripts = [...contents("script"), ...packed];
  return `${contentPolicy({ scripts, styles: contents("style"), asks: true })}; frame-ancestors 'none'`;
}
