/** Parses the answer with a page of outputs. */
import type { OutputsPage, OutputsState } from "../outputs/read-outputs.ts";
import { documentOf, notFanjoin } from "./http/answer.ts";
import type { Base } from "./base.ts";
import type { HttpAnswer } from "./http/http.ts";

export type ReadyOutputs = Pick<OutputsPage, "blocks" | "cursor" | "state">;

const STATES = ["ready", "waiting", "ended"] as const satisfies readonly OutputsState[];
/** Above the API's own limit, and below what would be a burden for memory. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** Throws the error of a refusal, and `ENDPOINT_UNUSABLE`. */
export async function readyOutputs(answer: HttpAnswer, base: Base): Promise<ReadyOutputs> {
  if (answer.status >= 400) await documentOf(answer, base);
  const { "fanjoin-cursor": cursor, "fanjoin-outputs": said } = answer.headers;
  const state = STATES.find((known) => known === said);
  if (answer.status !== 200 || cursor === undefined || state === undefined) {
    answer.discard();
    throw notFanjoin(base, "it answers no pages of outputs. If its version is an older one, update it");
  }
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  for await (const block of answer.body) {
    bytes += block.length;
    if (bytes > MAX_PAGE_BYTES) throw notFanjoin(base, `its page is longer than ${MAX_PAGE_BYTES} bytes`);
    blocks.push(block);
  }
  return { blocks, cursor, state };
}
