/**
 * Which accounts have a password that everybody knows? Only salted scrypt hashes are stored, so each account is tried with each leaked password: slow on purpose.
 *
 *   fanjoin run examples/leaked-passwords.ts events/inputs/accounts.jsonl --concurrency 1
 */
import { scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { collect, count, defineJob, jsonl, sum } from "fanjoin";
import * as z from "zod";

/** From the head of every list of leaked passwords, most frequent first. */
const LEAKED = ["123456", "password", "123456789", "qwerty", "12345678", "111111", "abc123", "iloveyou"];

const hash = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** `scrypt$1024$<salt>$<hash>`, both in base64. */
const StoredHash = z
  .string()
  .regex(/^scrypt\$\d+\$[\w+/=]+\$[\w+/=]+$/)
  .transform((text) => {
    const [, cost = "", salt = "", stored = ""] = text.split("$");
    return { cost: Number(cost), salt: Buffer.from(salt, "base64"), stored: Buffer.from(stored, "base64") };
  });

const Account = z.object({ user: z.string().min(1), password: StoredHash });
type Finding = { user: string; leaked: boolean };

export default defineJob({
  name: "leaked-passwords",
  input: jsonl(),
  item: Account,
  // Asynchronous crypto and zlib compute in four threads of Node's own (UV_THREADPOOL_SIZE): so many accounts keep them busy.
  concurrency: 4,
  async process({ user, password: { cost, salt, stored } }, { signal }): Promise<Finding> {
    for (const candidate of LEAKED) {
      // A batch that was cancelled stops here, not after the last candidate.
      signal.throwIfAborted();
      const computed = await hash(candidate, salt, stored.length, { N: cost });
      if (timingSafeEqual(computed, stored)) return { user, leaked: true };
    }
    return { user, leaked: false };
  },
  join: {
    accounts: count(),
    leaked: sum((finding: Finding) => Number(finding.leaked)),
    findings: collect(),
  },
});
