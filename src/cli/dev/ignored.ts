/** Names of files that are not there to stay, or not to be seen. */

/** What editors, browsers and copying programs call a file that they have not finished. */
const UNFINISHED = /~$|\.(?:tmp|temp|part|partial|crdownload|download|swp|filepart)$|^#.*#$/i;

/** `path`: below the folder that is watched. */
export function isIgnored(path: string): boolean {
  return path.split(/[\\/]/).some((part) => part.startsWith(".") || UNFINISHED.test(part));
}
