/**
 * The version of a source has two parts: what identifies it, and behind a `#` perhaps a seal, by which the
 * store notices changes that leave the first part as it was.
 */
const SEAL = "#";

/** Equal for the same source, sealed or not: a seal may change while the content does not. */
export function identityOf(version: string): string {
  const at = version.indexOf(SEAL);
  return at < 0 ? version : version.slice(0, at);
}

/** `null` for a version without a seal, as all had until November 2026. */
export function sealOf(version: string): string | null {
  const at = version.indexOf(SEAL);
  return at < 0 ? null : version.slice(at + SEAL.length);
}

export function withSeal(identity: string, seal: string): string {
  return `${identity}${SEAL}${seal}`;
}
