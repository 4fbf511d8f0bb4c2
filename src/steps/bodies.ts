/** Bodies of partials: contributions as text, or where they were written if they are long. */
import { reasonOf } from "../core/errors.ts";
import { INLINE_BODY } from "../core/contribution.ts";
import type { Contribution, Contributions, Piece, Segment } from "../core/contribution.ts";
import type { ObjectStore } from "../ports.ts";
import { PieceWriter } from "./piece-writer.ts";

export async function storeBody(store: ObjectStore, contributions: Contributions): Promise<Piece> {
  const writer = new PieceWriter(store, "partials/body");
  writer.add(textOf(contributions));
  const [piece] = await writer.close(INLINE_BODY);
  if (!piece) throw new Error("a body is never empty");
  return piece;
}

/** The value of a join of the user's own may not be JSON: then the subtree has no value, and its counts are exact. */
function textOf(contributions: Contributions): string {
  try {
    return JSON.stringify(contributions);
  } catch {
    return JSON.stringify(
      Object.fromEntries(Object.entries(contributions).map(([child, one]) => [child, writable(one)])),
    );
  }
}

function writable(contribution: Contribution): Contribution {
  try {
    JSON.stringify(contribution);
    return contribution;
  } catch (thrown) {
    const { value: _value, ...rest } = contribution;
    const message = `the joined value cannot be written as JSON: ${reasonOf(thrown)}`;
    return { ...rest, error: { code: "MERGE_FAILED", message } };
  }
}

export async function loadBody(store: ObjectStore, body: Piece): Promise<Contributions> {
  const text = "text" in body ? body.text : await readText(store, body);
  return JSON.parse(text) as Contributions;
}

async function readText(store: ObjectStore, { name, offset, length }: Segment): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of store.read(name, offset, offset + length)) blocks.push(block);
  return Buffer.concat(blocks).toString("utf8");
}
