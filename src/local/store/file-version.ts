/**
 * The version of a local file. Size, time of the last change and inode identify it. A program can change a
 * file in place and put the time back: its seal shows that. The seal is the file's ctime, which only the
 * system sets, and the checksums of its first and last block. A new mode, name or link changes the ctime as
 * well: then the checksums decide.
 */
import { fstatSync, readSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { checksum } from "../../checksum.ts";
import { identityOf, sealOf, withSeal } from "../../input/sources/source-version.ts";

const BLOCK_BYTES = 16 * 1024;

/** The version without a seal. */
export function fileIdentity({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}

/** The version with a seal, which takes two small reads. */
export function sealedVersion(fd: number): string {
  const stats = fstatSync(fd, { bigint: true });
  return withSeal(fileIdentity(stats), `${stats.ctimeNs}-${checksums(fd, stats)}`);
}

/** Whether a file still has the version. Of a file of 32 KiB or less, every change is noticed. */
export function hasVersion(fd: number, stats: BigIntStats, version: string): boolean {
  if (fileIdentity(stats) !== identityOf(version)) return false;
  const seal = sealOf(version);
  if (seal === null || seal.startsWith(`${stats.ctimeNs}-`)) return true;
  return seal.endsWith(`-${checksums(fd, stats)}`);
}

function checksums(fd: number, { size }: BigIntStats): string {
  const last = Math.max(0, Number(size) - BLOCK_BYTES);
  return `${blockChecksum(fd, 0)}.${blockChecksum(fd, last)}`;
}

function blockChecksum(fd: number, position: number): string {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let done = 0;
  while (done < block.length) {
    const read = readSync(fd, block, done, block.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return checksum(block.subarray(0, done)).toString(36);
}
