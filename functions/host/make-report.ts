/** Makes the report of a batch that has ended, and keeps it in the bucket. Loaded only where one is made. */
import { showBatch } from "../../src/api/handlers/one-batch.ts";
import { showFile } from "../../src/api/handlers/show-file.ts";
import { showHistory } from "../../src/api/handlers/history.ts";
import type { ApiHost, Handler } from "../../src/api/host.ts";
import { problemOf } from "../../src/api/problem.ts";
import { readBatch } from "../../src/batch/spec.ts";
import { FanjoinError } from "../../src/core/errors/errors.ts";
import { generationOf } from "../../src/core/records/batch/batch.ts";
import { isRemoved, removeAgain } from "../../src/core/records/batch/removed-batch.ts";
import { noteReport, reportName } from "../../src/core/records/batch/report.ts";
import type { Piece } from "../../src/core/records/contribution.ts";
import { askReport } from "../../src/page/report/ask-report.ts";
import type { AskBatch, ReportPart } from "../../src/page/report/ask-report.ts";
import { reportJson } from "../../src/page/report/report-data.ts";
import type { ReportData } from "../../src/page/report/report-data.ts";
import { reportHtml } from "../../src/page/report/report-html.ts";
import { noteSpent } from "../../src/steps/spending.ts";
import type { Host } from "./middleware.ts";

const HANDLERS: Readonly<Record<ReportPart, Handler>> = {
  "": showBatch,
  "/history": showHistory,
  "/failed": showFile("failed"),
  "/result": showFile("result"),
};

/**
 * Returns what was done, for the log. A batch that was removed, or is redriven, has no end to report: the end
 * of the redrive asks again. Throws whatever keeps a report from being made.
 */
export async function makeReport(host: Host, api: ApiHost, batch: string): Promise<string> {
  const { ledger } = host.ports;
  for (let fields = await readBatch(ledger, batch); fields !== null;) {
    const data = await reportData(host, api, batch);
    if (data === null) break;
    await write(host, batch, data);
    const { applied, record } = await ledger.update(noteReport(batch, generationOf(fields)));
    if (applied) await noteSpent(host.ports, batch);
    if (applied && generationOf(record) === generationOf(fields)) return "the report of the batch is made";
    // The sweeper may have removed the other objects before these were written.
    if (record && isRemoved(record)) await ledger.update(removeAgain(batch));
    // Or a redrive began meanwhile. If it has ended, too, its report may have been replaced by this one.
    fields = record;
  }
  return "no report is made: the batch is removed, or is redriven";
}

/** `null`: the batch is removed, or has not ended. */
async function reportData(
  { ports, environment: { stack } }: Host,
  api: ApiHost,
  batch: string,
): Promise<ReportData | null> {
  const place = stack === null ? null : ` --stack ${stack}`;
  try {
    const asked = await askReport(asking(api, batch), { now: ports.clock.now(), raw: true, place });
    return "refused" in asked ? null : asked.data;
  } catch (error) {
    if (error instanceof FanjoinError && error.code === "BATCH_NOT_READY") return null;
    throw error;
  }
}

/** Answers as the API does, except that an unexpected error is thrown. */
function asking(api: ApiHost, batch: string): AskBatch {
  const report = (error: unknown): void => {
    throw error;
  };
  return async (part, query = {}) => {
    // Paths of files in it are relative to the URL of the API, which only a request tells.
    const request = {
      method: "GET",
      path: `/batches/${batch}${part}`,
      query,
      headers: {},
      body: "",
      base: "",
    };
    try {
      return await HANDLERS[part](api, request, [batch]);
    } catch (error) {
      return problemOf(error, { ...api, report });
    }
  };
}

async function write({ ports }: Host, batch: string, data: ReportData): Promise<void> {
  const store = ports.store.of(batch);
  await store.compose(reportName(batch, "json"), one(reportJson(data)));
  await store.compose(reportName(batch, "html"), one(reportHtml(data)));
}

async function* one(text: string): AsyncGenerator<Piece> {
  yield { text };
}
