/** What a batch came to: its result, its outputs, its failed items; in the answer while they are small. */
import { hasEnded, stateOf } from "../../core/records/batch.ts";
import type { Failure } from "../../core/records/batch.ts";
import { FanjoinError } from "../../core/errors.ts";
import type { Fields } from "../../core/records/record.ts";
import type { BatchFiles } from "../../batch/files.ts";
import type { ApiHost, FileField, Handler } from "../host.ts";
import { JSON_LINES_TYPE, JSON_TYPE, answer, seeOther } from "../http.ts";
import { batchIn } from "../checked-names.ts";
import { recordOf } from "./batch-summary.ts";

interface Shape {
  readonly type: string;
  readonly ending: string;
  /**
   * A larger file is fetched by a URL of its own. An answer of a Lambda function has 6 MB at most, quotes
   * escaped.
   */
  readonly inlineBytes: number;
}

export const SHAPES = {
  result: { type: JSON_TYPE, ending: "json", inlineBytes: 64 * 1024 },
  outputs: { type: JSON_LINES_TYPE, ending: "jsonl", inlineBytes: 1024 * 1024 },
  failed: { type: JSON_LINES_TYPE, ending: "jsonl", inlineBytes: 1024 * 1024 },
} as const satisfies Record<FileField, Shape>;

/** The handler for one of the files. */
export function showFile(file: FileField): Handler {
  return async (host, _request, [name = ""]) => {
    const batch = batchIn(name);
    const fields = await recordOf(host, batch);
    if (!hasEnded(fields)) throw notReady(batch, fields);
    const { type, ending, inlineBytes } = SHAPES[file];
    const found = (fields["result"] as unknown as BatchFiles | null)?.[file] ?? null;
    if (!found && file === "failed") return answer(200, type, "");
    if (!found) throw nothingThere(batch, file, fields);
    const stored = host.fileName(batch, file, found.name);
    if (found.bytes <= inlineBytes) return answer(200, type, await textOf(host, stored, found.bytes));
    return seeOther(await host.signedGet(stored, { type, saveAs: `${batch}-${file}.${ending}` }));
  };
}

async function textOf({ store }: ApiHost, name: string, bytes: number): Promise<string> {
  return Buffer.concat(await Array.fromAsync(store.read(name, 0, bytes))).toString("utf8");
}

function notReady(batch: string, fields: Fields): FanjoinError {
  return new FanjoinError("BATCH_NOT_READY", `batch ${batch} has not ended yet, it is ${stateOf(fields)}`);
}

function nothingThere(batch: string, file: FileField, fields: Fields): FanjoinError {
  const error = (fields["error"] ?? null) as Failure | null;
  const missing = file === "result" ? "its job has no join" : "its job does not collect";
  const why = error ? error.message : missing;
  return new FanjoinError(
    "RESULT_UNKNOWN",
    `batch ${batch} ended as ${stateOf(fields)} without ${file}: ${why}`,
  );
}
