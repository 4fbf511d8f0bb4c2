/** The command line as a whole: its commands, its help, its exit code. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { cancelCommand } from "./commands/cancel.ts";
import { BatchStopped, errorText, LostTrack } from "./error-text.ts";
import { EXIT, EXIT_CODES_HELP } from "./exit-codes.ts";
import { devCommand } from "./commands/dev.ts";
import { failedCommand } from "./commands/failed.ts";
import { listCommand } from "./commands/list.ts";
import { redriveCommand } from "./commands/redrive.ts";
import { resultCommand } from "./commands/result.ts";
import { resumeCommand } from "./commands/resume.ts";
import { runCommand } from "./commands/run.ts";
import { showCommand } from "./commands/show.ts";
import { submitCommand } from "./commands/submit.ts";
import { endQuietlyWhenClosed } from "./display/standard-output.ts";
import { watchCommand } from "./commands/watch.ts";

const HELP = `
A batch survives Ctrl-C, kill -9 and a power cut: \`fanjoin resume\` goes on where it was.

Examples:
  fanjoin run sales.ts sales.csv               run a batch; progress, then a summary
  fanjoin run sales.ts sales.csv --json        the summary as one JSON document
  fanjoin resume                               go on with the latest unfinished batch
  fanjoin list                                 what ran here, and what became of it
  fanjoin failed 01KB                          the items that failed, and why
  fanjoin redrive 01KB                         do only those again
  fanjoin submit sales sales.csv --stack prod  the same on a deployed stack; so can the other commands

${EXIT_CODES_HELP}`;

/** Runs the command line and sets the exit code. */
export async function commandLine(argv: readonly string[]): Promise<void> {
  endQuietlyWhenClosed();
  try {
    await program().parseAsync(argv, { from: "user" });
  } catch (error) {
    process.exitCode = explained(error);
  }
}

export function program(version = ownVersion()): Command {
  const root = new Command("fanjoin")
    .description("Fan a batch out over parallel workers and join the results exactly.")
    .addHelpText("after", HELP);
  const commands = [
    runCommand(),
    resumeCommand(),
    listCommand(),
    showCommand(),
    watchCommand(),
    resultCommand(),
    failedCommand(),
    cancelCommand(),
    redriveCommand(),
    submitCommand(),
    devCommand(),
  ];
  for (const command of commands) root.addCommand(command);
  for (const command of [root, ...commands]) {
    command
      .version(version)
      .configureHelp({ subcommandTerm: nameAndArguments })
      .exitOverride()
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "fanjoin: ")) });
  }
  return root;
}

/** Without `[options]`: they all have some. */
function nameAndArguments(command: Command): string {
  const given = command.registeredArguments.map((one) => {
    const name = `${one.name()}${one.variadic ? "..." : ""}`;
    return one.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...given].join(" ");
}

/** commander has written its own message. */
function explained(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.wrong;
  console.error(errorText(error));
  if (error instanceof LostTrack) return EXIT.interrupted;
  return error instanceof BatchStopped ? EXIT.batchFailed : EXIT.wrong;
}

function ownVersion(): string {
  const file = fileURLToPath(import.meta.resolve("fanjoin/package.json"));
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
