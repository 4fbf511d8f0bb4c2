/** Bodies of partials: contributions as JSON text, in the store if they are long. */
import { INLINE_BODY } from "../../core/records/contribution.ts";
import type { Contributions, Piece } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";
import { textOf } from "./piece-text.ts";
import { PieceWriter } from "./piece-writer.ts";

export async function storeBody(store: ObjectStore, contributions: Contributions): Promise<Piece> {
  const writer = new PieceWriter(store, "partials/body");
  writer.add(JSON.stringify(contributions));
  const [piece] = await writer.close(INLINE_BODY);
  if (!piece) throw new Error("a body is never empty");
  return piece;
}

export async function loadBody(store: ObjectStore, body: Piece): Promise<Contributions> {
  let text = "";
  for await (const block of textOf(store, body)) text += block;
  return JSON.parse(text) as Contributions;
}
