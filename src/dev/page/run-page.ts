/** `fanjoin run --open`: the page of one batch, for as long as the command runs. */
import { say } from "../../cli/display/standard-error.ts";
import { launchBrowser } from "./launch-browser.ts";
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
      if (process.stderr.isTTY) launchBrowser(address, () => undefined);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
