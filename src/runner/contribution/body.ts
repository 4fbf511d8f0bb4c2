/** Bodies of partials: contributions as text, or where they were written if they are long. */
import { reasonOf } from "../../core/errors.ts";
import { INLINE_BODY } from "../../core/records/contribution.ts";
import type { Contribution, Contributions, Piece } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";
import { textOf } from "./piece-text.ts";
import { PieceWriter } from "./piece-writer.ts";

/**
 * Another contribution of a child, in place of one that cannot be written as JSON; `null` if there is none.
 */
type Mend = (child: number) => Promise<Contribution | null>;

export async function storeBody(
  store: ObjectStore,
  contributions: Contributions,
  mend: Mend = async () => null,
): Promise<Piece> {
  const writer = new PieceWriter(store, "partials/body");
  writer.add(jsonOf(contributions) ?? JSON.stringify(await mended(contributions, mend)));
  const [piece] = await writer.close(INLINE_BODY);
  if (!piece) throw new Error("a body is never empty");
  return piece;
}

/** `null` if it is not JSON: the value of a join of the user's own may be anything. */
function jsonOf(contributions: Contributions): string | null {
  try {
    return JSON.stringify(contributions);
  } catch {
    return null;
  }
}

async function mended(contributions: Contributions, mend: Mend): Promise<Contributions> {
  const written: { [child: string]: Contribution } = {};
  for (const [child, one] of Object.entries(contributions)) {
    const problem = problemOf(one);
    const other = problem === null ? one : await mend(Number(child));
    written[child] = other ?? withoutValue(one, problem);
  }
  return written;
}

/** Why it cannot be written as JSON; `null` if it can. */
export function problemOf(contribution: Contribution): string | null {
  try {
    JSON.stringify(contribution);
    return null;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** The subtree then has no value, and its counts are exact. */
function withoutValue(
  { value: _value, segments: _segments, cuts: _cuts, ...rest }: Contribution,
  problem: string | null,
): Contribution {
  const message = `the joined value cannot be written as JSON: ${problem ?? ""}`;
  return { ...rest, error: { code: "MERGE_FAILED", message } };
}

export async function loadBody(store: ObjectStore, body: Piece): Promise<Contributions> {
  let text = "";
  for await (const block of textOf(store, body)) text += block;
  return JSON.parse(text) as Contributions;
}
