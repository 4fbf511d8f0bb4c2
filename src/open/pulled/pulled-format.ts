/**
 * A pulled directory: `pulled.json`, and beside it the text of each chunk as `chunk-N`. docs/cli.md describes
 * it.
 */
import type { PulledBatch, PulledChunk, PulledSource } from "../../batch/pulled/pulled-chunk.ts";
import {
  bareBatch,
  bareChunk,
  pulledBatch,
  pulledChunk,
  pulledSource,
} from "../../batch/pulled/pulled-shape.ts";
import { inPieces } from "../../core/records/pulled-text.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { jsonOrNull, list, object, partAt } from "../../core/json/shape.ts";
import { show } from "../../option-check.ts";

export const PULLED_FILE = "pulled.json";
/** The newest: a chunk may have pieces of a file. */
const FORMAT = 3;
const WITH_WHOLE_SOURCES = 2;
const ONE_STRETCH = 1;

export interface Pulled extends PulledBatch {
  readonly sources: readonly PulledSource[];
  readonly chunks: readonly PulledChunk[];
}

/** The file with the text of a chunk, or of one of its sources. */
export function textFile({ chunk, source, whole }: Pick<PulledChunk, "chunk" | "source" | "whole">): string {
  return whole ? `chunk-${chunk}-${source}` : `chunk-${chunk}`;
}

export function pulledText({ sources, chunks, ...batch }: Pulled): string {
  const described = { format: formatOf(chunks), ...batch, sources, chunks };
  return `${JSON.stringify(described, null, 2)}\n`;
}

/** The oldest that has what these chunks need. */
function formatOf(chunks: readonly PulledChunk[]): number {
  if (chunks.some(({ text }) => text !== null && inPieces(text))) return FORMAT;
  return chunks.some(({ whole }) => whole) ? WITH_WHOLE_SOURCES : ONE_STRETCH;
}

const rest = object({ sources: list(pulledSource), chunks: list(pulledChunk) });

/** Throws `INPUT_INVALID` for text that `pulledText` did not write. */
export function parsePulled(text: string, path: string): Pulled {
  const value = jsonOrNull(text);
  const format = partAt(value, ".format");
  if (typeof format === "number" && format > FORMAT)
    throw invalid(path, `was written by a newer fanjoin (format ${format}): run it with that one`);
  const isKnown = format === FORMAT || format === WITH_WHOLE_SOURCES || format === ONE_STRETCH;
  const wrong = isKnown ? (pulledBatch(value) ?? rest(value)) : ".format";
  if (wrong !== null) {
    const there = show(partAt(value, wrong) ?? null);
    throw invalid(path, `is damaged, or fanjoin did not write it: ${wrong.slice(1) || "it"} is ${there}`);
  }
  const { sources, chunks, ...batch } = value as Pulled;
  const known = new Set(sources.map(({ source }) => source));
  const lost = chunks.find(({ source }) => !known.has(source));
  if (lost) throw invalid(path, `does not describe source ${lost.source}, of which chunk ${lost.chunk} is`);
  if (new Set(chunks.map(textFile)).size < chunks.length || known.size < sources.length)
    throw invalid(path, "has a chunk or a source twice");
  if (chunks.length === 0) throw invalid(path, "has no chunk");
  return { ...bareBatch(batch), sources: sources.map(bareSource), chunks: chunks.map(bareChunk) };
}

function bareSource({ source, label, size, head }: PulledSource): PulledSource {
  return { source, label, size, head };
}

export function invalid(path: string, what: string): FanjoinError {
  return new FanjoinError("INPUT_INVALID", `${path} ${what}. \`fanjoin pull\` writes it`);
}
