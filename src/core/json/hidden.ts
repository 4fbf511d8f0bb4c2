/** Parameters for people to see: without what looks like a secret. */
import { isObject } from "./json.ts";
import type { Json } from "./json.ts";

/** Stands in place of a secret. */
export const HIDDEN = "hidden";

const SECRET_WORDS: ReadonlySet<string> = new Set([
  "token",
  "tokens",
  "secret",
  "secrets",
  "password",
  "passwords",
  "passwd",
  "pwd",
  "authorization",
  "credential",
  "credentials",
  "apikey",
]);
/** Secrets at the end of a name (`apiKey`); at its beginning something else (`keyColumn`). */
const SECRET_ENDS: ReadonlySet<string> = new Set(["key", "keys"]);

/** The words of a name: `apiKey`, `api_key`, `API-KEY`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, " ")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

function looksSecret(name: string): boolean {
  const words = wordsOf(name);
  return words.some((word) => SECRET_WORDS.has(word)) || SECRET_ENDS.has(words.at(-1) ?? "");
}

/** The same text without the user and the password of URLs. */
export function withoutUser(text: string): string {
  return text.replaceAll(/(?<=[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `${HIDDEN}@`);
}

/** The same value: properties whose names look secret are `hidden`, and so are the users of URLs. */
export function withoutSecrets(value: Json): Json {
  if (typeof value === "string") return withoutUser(value);
  if (Array.isArray(value)) return value.map((one: Json) => withoutSecrets(one));
  if (!isObject(value)) return value;
  const shown = Object.entries(value).map(([name, inner]): [string, Json] => [
    name,
    looksSecret(name) && inner !== null ? HIDDEN : withoutSecrets(inner),
  ]);
  return Object.fromEntries(shown);
}
