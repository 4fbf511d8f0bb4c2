/** The report of an ended batch: one file without a script, for paper and for years. */
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { contentPolicy } from "../content-policy.ts";
import { batchTitle, tabIcon } from "../live/tab.ts";
import { pageCss } from "../style/page-css.ts";
import { printTokens } from "../style/tokens.ts";
import { reportCss } from "../style/report.ts";
import { wordsOf } from "../words/states.ts";
import { reportable } from "./report-data.ts";
import type { ReportData } from "./report-data.ts";
import { Report } from "./report.ts";

/** The largest file, in bytes: what it shows is bounded, whatever the size of the batch. */
export const MAX_REPORT_BYTES = 400_000;

/** The text of `report.html`. */
export function reportHtml(data: ReportData): string {
  const { summary } = data.snapshot;
  const style = `${pageCss}${reportCss}${printTokens}`;
  const policy = contentPolicy({ scripts: [], styles: [style], asks: false });
  const body = renderToString(h(Report, { data: reportable(data) }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${batchTitle(summary)}: report`)}</title>
<link rel="icon" href="${tabIcon(wordsOf(summary.state).tone)}">
<style>${style}</style>
</head>
<body class="report">
${body}
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
