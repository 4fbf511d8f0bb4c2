/** Has a browser of this machine open an address or a file. */
import { spawn } from "node:child_process";

const LAUNCHERS: { readonly [platform: string]: string } = { darwin: "open", linux: "xdg-open" };

/** `onNone` is told where no program does it: the user opens it. */
export function launchBrowser(address: string, onNone: () => void): void {
  const launcher = LAUNCHERS[process.platform];
  if (launcher === undefined) return onNone();
  const started = spawn(launcher, [address], { stdio: "ignore", detached: true });
  started.on("error", onNone);
  started.unref();
}
