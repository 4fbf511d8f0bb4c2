/** The overview of `fanjoin dev` as a page for a browser. */
import type { Overview } from "./overview.ts";
import { exampleJob, lookCommands, startCommands } from "./overview-text.ts";

export function overviewPage({ base, jobs, routes }: Overview): string {
  const example = exampleJob(jobs);
  const start = example ? startCommands(base, example) : [];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>fanjoin dev</title>
<style>${STYLE}</style>
<main>
<h1>fanjoin dev</h1>
<p>The API of fanjoin on this machine, at <code>${escaped(base)}</code>.</p>
<h2>Jobs</h2>
${table(
  ["job", "input"],
  jobs.map(({ name, input }) => [code(name), escaped(input)]),
)}
<h2>Start a batch</h2>
<p>Requests need the token that <code>fanjoin dev</code> printed at its start.</p>
<pre>${start.map(escaped).join("\n\n")}</pre>
<p>Or drop a file into the folder of uploads, in the folder of the job: ${code(`uploads/${example?.name ?? "<job>"}/`)}</p>
<h2>Look at batches</h2>
<pre>${lookCommands(base).map(escaped).join("\n")}</pre>
<h2>Routes</h2>
${table(
  ["request", "what it does"],
  routes.map(({ method, path, summary }) => [code(`${method} ${path}`), escaped(summary)]),
)}
</main>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2rem; font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; }
pre { background: #8882; padding: .8rem; overflow-x: auto; }
code, pre { font-family: ui-monospace, monospace; font-size: .9rem; overflow-wrap: anywhere; }
`;

/** The cells are HTML. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<table>\n${row(heads, "th")}\n${rows.map((cells) => row(cells, "td")).join("\n")}\n</table>`;
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
