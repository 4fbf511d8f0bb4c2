/** Files in directories that are no input: hidden ones, and those that are not complete. */

/** Names that editors, browsers and copy programs give to unfinished files. */
const UNFINISHED = /~$|\.(?:tmp|temp|part|partial|crdownload|download|swp|filepart)$|^#.*#$/i;

export function isHidden(name: string): boolean {
  return name.startsWith(".");
}

/** `name` may be the last part of a glob, too: `*.tmp` asks for such files. */
export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}

/** Whether a part of `path` is hidden or unfinished. */
export function isIgnored(path: string): boolean {
  return path.split(/[\\/]/).some((part) => isHidden(part) || isUnfinished(part));
}
