/** `fanjoin help`: the help of a command; or the page on a topic, or on an error code. */
import { Command } from "commander";
import { isErrorCode, usage } from "../../core/errors/errors.ts";
import { print } from "../display/standard-output.ts";
import { codeText, helpColumns, topicText } from "../documents/help-text.ts";
import { topics } from "../documents/topics.ts";

export function helpCommand(): Command {
  return new Command("help")
    .description("explain a command, a topic or an error code")
    .argument("[topic]", "a command, a topic of `fanjoin help`, or an error code")
    .action((name: string | undefined, _options: object, command: Command) => help(name, command));
}

/** Throws `USAGE` for a name that nothing has. */
function help(name: string | undefined, { parent: root }: Command): void {
  const command = name === undefined ? root : root?.commands.find((one) => one.name() === name);
  if (command) return command.outputHelp();
  const text = explained(name ?? "");
  if (text === null)
    throw usage(`no command, topic or error code is called ${name}: \`fanjoin help\` lists them`);
  print(text);
}

/** `null` if `name` is neither a topic nor a code. */
function explained(name: string): string | null {
  const columns = helpColumns();
  const code = name.toUpperCase();
  if (isErrorCode(code)) return codeText(code, columns);
  const topic = topics().find((one) => one.name === name.replace(/\.md$/, ""));
  return topic === undefined ? null : topicText(topic, columns);
}
