/** Signed URLs that an endpoint gives: for uploads, and as the target of a redirect. */
import { show } from "../../option-check.ts";
import { notFanjoin } from "./answer.ts";
import type { Base } from "../base.ts";

/**
 * An encrypted endpoint cannot lead to http: neither over the network, nor to a server of this machine, which
 * may trust everything that runs here. Throws `ENDPOINT_UNUSABLE`.
 */
export function signedUrl(text: string, base: Base): URL {
  const url = URL.parse(text, base.url.href);
  if (url?.protocol === "https:") return url;
  if (url?.protocol === "http:" && (base.insecure || base.url.protocol === "http:")) return url;
  const given = url
    ? `the signed URL ${show(`${url.protocol}//${url.host}/…`)}, which is not https`
    : "no signed URL";
  throw notFanjoin(base, `it gives ${given}`);
}
