/** Removes a folder of fanjoin's own with everything in it. A link is removed, and not followed. */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { refuseLink } from "../directory/files/own-files.ts";
import { writing } from "./store-error.ts";

/** Throws `DIRECTORY_UNUSABLE`. */
export function removeFolder(path: string): boolean {
  return writing(path, () => {
    refuseLink(dirname(path));
    rmSync(path, { recursive: true, force: true });
    return true;
  });
}
