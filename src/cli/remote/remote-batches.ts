import type { Batches } from "../batches.ts";
import { usage } from "../error-text.ts";
import type { RemoteOptions } from "../place-option.ts";

export async function remoteBatches(_options: RemoteOptions): Promise<Batches> {
  throw usage("not yet");
}
