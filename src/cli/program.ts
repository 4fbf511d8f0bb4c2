/** The command line: its commands, its help, its exit code. */
import { Command, CommanderError } from "commander";
import { cancelCommand } from "./commands/run/cancel.ts";
import { devCommand } from "./commands/run/dev.ts";
import { failedCommand } from "./commands/look/failed.ts";
import { helpCommand } from "./commands/help.ts";
import { initCommand } from "./commands/keep/init.ts";
import { listCommand } from "./commands/look/list.ts";
import { pauseCommand } from "./commands/run/pause.ts";
import { pruneCommand } from "./commands/keep/prune.ts";
import { pullCommand } from "./commands/look/pull.ts";
import { redriveCommand } from "./commands/run/redrive.ts";
import { reportCommand } from "./commands/look/report.ts";
import { resultCommand } from "./commands/look/result.ts";
import { resumeCommand } from "./commands/run/resume.ts";
import { rmCommand } from "./commands/keep/rm.ts";
import { runCommand } from "./commands/run/run.ts";
import { setCommand } from "./commands/run/set.ts";
import { showCommand } from "./commands/look/show.ts";
import { submitCommand } from "./commands/run/submit.ts";
import { uiCommand } from "./commands/look/ui.ts";
import { watchCommand } from "./commands/look/watch.ts";
import { escapeControls } from "./display/escape.ts";
import { endWhenOutputFails } from "./display/standard-output.ts";
import { say } from "./display/standard-error.ts";
import { placeText } from "./documents/document-path.ts";
import { helpColumns, topicsText } from "./documents/help-text.ts";
import { placeOfCommand } from "./documents/places.ts";
import { BatchStopped, errorText, LostTrack } from "./error-text.ts";
import { EXIT, EXIT_CODES_HELP } from "./exit-codes.ts";
import { ownVersion } from "./own-package.ts";
import { fanjoinCommand } from "./shell-command.ts";

const HELP = `
A batch survives Ctrl-C, kill -9 and a power cut: \`fanjoin resume\` continues it.

Examples:
  fanjoin init totals                    begin a project: job, test, sample input
  fanjoin run sales.ts sales.csv         run a batch: progress, then a summary
  fanjoin run sales.ts sales.csv --json  the summary as one JSON document
  fanjoin resume                         continue the latest unfinished batch
  fanjoin list                           all batches here, with their states
  fanjoin failed 01KB                    the items that failed, with reasons
  fanjoin redrive 01KB                   run only those items again
  fanjoin submit sales sales.csv --stack prod
                                         start a batch on a deployed stack

With --stack or --endpoint, the other commands work on a deployed stack too.

${EXIT_CODES_HELP}`;

/** Runs the command line and sets the exit code. */
export async function commandLine(argv: readonly string[]): Promise<void> {
  endWhenOutputFails();
  try {
    await program().parseAsync(argv, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

export function program(version = ownVersion()): Command {
  const root = new Command("fanjoin")
    .description("Fan a batch out over parallel workers and join the results exactly.")
    .helpCommand(false)
    .addHelpText("after", () => `${HELP}\n\n${topicsText(helpColumns())}`);
  const commands = [
    runCommand(),
    resumeCommand(),
    listCommand(),
    showCommand(),
    watchCommand(),
    uiCommand(),
    resultCommand(),
    failedCommand(),
    reportCommand(),
    pullCommand(),
    pauseCommand(),
    setCommand(),
    cancelCommand(),
    redriveCommand(),
    rmCommand(),
    pruneCommand(),
    submitCommand(),
    devCommand(),
    initCommand(),
    helpCommand(),
  ];
  for (const command of commands) {
    command.addHelpText("after", () => `\nSee ${placeText(placeOfCommand(command.name()))}`);
    root.addCommand(command);
  }
  for (const command of [root, ...commands]) {
    command
      .version(version)
      .showHelpAfterError(`Run \`${commandOfHelp(command)}\` for help.`)
      .configureHelp({ subcommandTerm: nameAndArguments })
      .exitOverride()
      .configureOutput({
        outputError: (text, write) => write(escapeControls(text.replace(/^error: /, "fanjoin: "))),
      });
  }
  return root;
}

function commandOfHelp(command: Command): string {
  return fanjoinCommand(command.parent ? `${command.name()} --help` : "--help", []);
}

/** Without `[options]`, because all commands have some. */
function nameAndArguments(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...words].join(" ");
}

/** Prints the error, unless commander has printed it. Returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.wrong;
  say(errorText(error));
  if (error instanceof LostTrack) return EXIT.interrupted;
  return error instanceof BatchStopped ? EXIT.batchFailed : EXIT.wrong;
}
