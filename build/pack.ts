import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Packs the package in `folder` as `npm publish` would. Returns the path of the file, in `destination`. */
export function pack(folder: string, destination: string): string {
  const args = ["pack", folder, "--silent", "--ignore-scripts", "--pack-destination", destination];
  // npm is a script: on Windows a shell runs it.
  const shell = process.platform === "win32";
  const stdout = execFileSync("npm", args, { encoding: "utf8", shell, stdio: ["ignore", "pipe", "inherit"] });
  return join(destination, stdout.trim());
}
