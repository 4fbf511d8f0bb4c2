/** Files below `uploads/` that do not start a batch: hidden and unfinished ones. */

/** Names that editors, browsers and copy programs give to unfinished files. */
const UNFINISHED = /~$|\.(?:tmp|temp|part|partial|crdownload|download|swp|filepart)$|^#.*#$/i;

/** `path` is relative to the watched folder. */
export function isIgnored(path: string): boolean {
  return path.split(/[\\/]/).some((part) => part.startsWith(".") || UNFINISHED.test(part));
}
