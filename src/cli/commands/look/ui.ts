/** `fanjoin ui`: the page for the batches of a directory, or of a stack. */
import { Command, Option } from "commander";
import { usage } from "../../../core/errors/errors.ts";
import { DEFAULT_DIRECTORY } from "../../../open/default-directory.ts";
import { portOption, withInsecureEndpoint } from "../../common-options.ts";

const HELP = `
Of a directory the page only looks: nothing is changed, and its batches go on as
they are. Of a stack it signs what it asks, and passes uploads and results on.

Examples:
  fanjoin ui
  fanjoin ui /data/batches
  fanjoin ui --stack prod`;

interface UiCommandOptions {
  readonly port: number;
  readonly stack?: string;
  readonly endpoint?: string;
  readonly insecureEndpoint?: true;
}

export function uiCommand(): Command {
  const command = new Command("ui")
    .description("show the batches of a directory or of a stack in a browser")
    .argument("[directory]", `the directory with the batches (default: ${DEFAULT_DIRECTORY})`)
    .addOption(new Option("--stack <name>", "the batches of this stack").conflicts("endpoint"))
    .option("--endpoint <url>", "the batches of the API at this URL")
    .addOption(portOption(0, "a free one"));
  return withInsecureEndpoint(command)
    .addHelpText("after", HELP)
    .action(async (directory: string | undefined, options: UiCommandOptions) => {
      const { port, stack, endpoint, insecureEndpoint } = options;
      const isRemote = stack !== undefined || endpoint !== undefined;
      if (isRemote && directory !== undefined)
        throw usage(`give a directory (${directory}), or --stack or --endpoint, and not both`);
      // Loaded here, so that the other commands start without a server's modules.
      const { uiOfDirectory, uiOfStack } = await import("../../../dev/page/ui.ts");
      const { shippedPage } = await import("../../../dev/page/shipped-page.ts");
      const served = { port, page: shippedPage };
      const target = {
        ...(stack === undefined ? {} : { stack }),
        ...(endpoint === undefined ? {} : { endpoint }),
        insecureEndpoint: insecureEndpoint === true,
      };
      process.exitCode = isRemote
        ? await uiOfStack(target, served)
        : await uiOfDirectory(directory ?? DEFAULT_DIRECTORY, served);
    });
}
