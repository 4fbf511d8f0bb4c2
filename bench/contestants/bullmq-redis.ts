/** A redis-server of a contestant's own, in a folder of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { socketIn, startRedis } from "./redis.ts";

export interface Redis {
  readonly connection: { readonly path: string; readonly maxRetriesPerRequest: null };
  stop(): void;
}

export async function startOwnRedis(): Promise<Redis> {
  const directory = mkdtempSync(join(tmpdir(), "fanjoin-bench-"));
  const redis = await startRedis(directory);
  return {
    connection: { path: socketIn(directory), maxRetriesPerRequest: null },
    stop() {
      redis.kill();
      rmSync(directory, { recursive: true });
    },
  };
}
