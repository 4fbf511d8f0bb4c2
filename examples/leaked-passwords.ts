/**
 * Which accounts use a leaked password? Only salted hashes are stored, so each leaked password has to be
 * hashed for each account. That is slow on purpose.
 *
 *     fanjoin run examples/leaked-passwords.ts events/inputs/accounts.jsonl --concurrency 1
 */
import { defineJob, jsonl } from "fanjoin";
import * as z from "zod";

/** The most frequent leaked passwords. */
const LEAKED = ["123456", "password", "123456789", "qwerty", "12345678", "111111", "abc123", "iloveyou"];

/** `pbkdf2-sha256$5000$<salt>$<hash>`, both in base64. */
const StoredHash = z
  .string()
  .regex(/^pbkdf2-sha256\$\d+\$[\w+/=]+\$[\w+/=]+$/)
  .transform((text) => {
    const [, iterations = "", salt = "", stored = ""] = text.split("$");
    return { iterations: Number(iterations), salt: Buffer.from(salt, "base64"), stored };
  });

const Account = z.object({ user: z.string().min(1), password: StoredHash });

async function hashOf(password: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<string> {
  const key = await crypto.subtle.importKey("raw", Buffer.from(password), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    key,
    256,
  );
  return Buffer.from(bits).toString("base64");
}

export default defineJob({
  name: "leaked-passwords",
  input: jsonl(),
  item: Account,
  // Node runs asynchronous crypto in four threads of its own (UV_THREADPOOL_SIZE). Four accounts keep them
  // busy.
  concurrency: 4,
  async process({ user, password: { iterations, salt, stored } }, { signal }) {
    for (const candidate of LEAKED) {
      // A cancelled batch stops here, before the next candidate.
      signal.throwIfAborted();
      if ((await hashOf(candidate, salt, iterations)) === stored) return { user, leaked: true };
    }
    return { user, leaked: false };
  },
  join: (j) => ({
    accounts: j.count(),
    leaked: j.sum((finding) => Number(finding.leaked)),
    findings: j.collect(),
  }),
});
