/** `fanjoin init`: begins a project with a job, its test and a sample input. */
import { Command, Option } from "commander";
import { escapeControls } from "../../display/escape.ts";
import { print } from "../../display/standard-output.ts";
import { TEMPLATES, TEMPLATE_NAMES } from "../../init/templates.ts";
import type { TemplateName } from "../../init/templates.ts";
import { quoted } from "../../../core/quoted.ts";

interface InitOptions {
  readonly template: TemplateName;
  readonly cdk?: boolean;
}

const HELP = `
Templates:
${TEMPLATE_NAMES.map((name) => `  ${name.padEnd(11)}${TEMPLATES[name].about}`).join("\n")}

Files that exist are never overwritten.

Examples:
  fanjoin init totals
  fanjoin init --template http       # in the current directory
  fanjoin init totals --cdk          # with an app that deploys it on AWS
  npm create fanjoin totals          # the same without an installed fanjoin`;

export function initCommand(): Command {
  return new Command("init")
    .description("begin a project: a job, its test, a sample input")
    .argument("[directory]", "a new directory, or one that has none of the files yet", ".")
    .addOption(new Option("--template <name>", "what the job reads").choices(TEMPLATE_NAMES).default("csv"))
    .option("--cdk", "add an app that deploys the job on AWS with CDK")
    .addHelpText("after", HELP)
    .action(init);
}

async function init(directory: string, { template, cdk = false }: InitOptions): Promise<void> {
  // Loaded here, so that the other commands start without it.
  const { createProject } = await import("../../init/create-project.ts");
  const files = createProject({ directory, template, cdk });
  const enter = directory === "." ? [] : [`cd ${quoted(directory)}`];
  const deploy = cdk ? ["npx cdk bootstrap   # once for each account and region", "npm run deploy"] : [];
  const next = [...enter, "npm install", "npm test", "npm start", ...deploy];
  const lines = ["Created:", ...indented(files), "", "Next:", ...indented(next)];
  print(escapeControls(lines.join("\n")));
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
