/** The names of objects that users give, checked before any store is asked. */

// oxlint-disable-next-line no-control-regex -- names with control characters are refused
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/;

export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

export function isPlainKey(key: string): boolean {
  return key.isWellFormed() && !hasControl(key) && !key.includes("\\");
}

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]*)\/(.*)$/s;

/** Whether it is the `s3:` URL of an object or a prefix. Keys are not percent-decoded. */
export function isObjectUrl(url: string, kind: "object" | "prefix"): boolean {
  const [, , key = ""] = S3_URL.exec(url) ?? [];
  const isNormal = key.split("/").every((part) => part !== "." && part !== "..");
  const isNamed = S3_URL.test(url) && (kind === "prefix" || (key !== "" && !key.endsWith("/")));
  return isNamed && isNormal && isPlainKey(key);
}
