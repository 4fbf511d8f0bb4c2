/** `fanjoin run --open`: the page of one batch, for as long as the command runs. */
import { spawn } from "node:child_process";
import { say } from "../../cli/display/standard-error.ts";
import type { PageSource } from "./page-answers.ts";
import { runPlace } from "./place.ts";
import { serveDirectory } from "./ui.ts";

export interface RunPage extends AsyncDisposable {
  /** Tells the address of the page of this batch, and has a browser open it where there is one. */
  show(batch: string): void;
}

export async function openRunPage(directory: string, page: PageSource | null): Promise<RunPage> {
  const place = runPlace(directory);
  const server = await serveDirectory(directory, { port: 0, page, place, engine: () => null });
  return {
    show(batch) {
      const address = server.address(`/batches/${batch}`);
      say(`open ${address}`);
      // Without a terminal nobody sits at this machine.
      if (process.stderr.isTTY) launchBrowser(address);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

const LAUNCHERS: { readonly [platform: string]: string } = { darwin: "open", linux: "xdg-open" };

/** Nothing happens where there is none: the address is on the terminal. */
function launchBrowser(address: string): void {
  const launcher = LAUNCHERS[process.platform];
  if (launcher === undefined) return;
  const started = spawn(launcher, [address], { stdio: "ignore", detached: true });
  started.on("error", () => undefined);
  started.unref();
}
