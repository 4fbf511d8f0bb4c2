/** Keys of groups, and of different values: texts, numbers, booleans, and arrays of them. */
import { FanjoinError } from "../core/errors/errors.ts";
import { keysText, valueText } from "./selector.ts";

/** A part of a key. */
export type KeyPart = string | number | boolean;

/** A key, or several: `[row.country, row.year]`. */
export type GroupKey = KeyPart | readonly KeyPart[];

/**
 * A key as a value that `Set` compares. Several parts become their JSON text with a mark before it; a text
 * that begins with the same character gets it twice. Throws `JOIN_FAILED`.
 */
export function keyValue(join: string, key: unknown, from: unknown): KeyPart {
  if (typeof key === "string") return key.startsWith("\0") ? `\0${key}` : key;
  if (typeof key === "boolean") return key;
  if (typeof key === "number" && Number.isFinite(key)) return key + 0;
  if (Array.isArray(key)) return `\0${partsText(join, key)}`;
  throw refusal(join, key, from);
}

/** A key as text: several parts as JSON. Throws `JOIN_FAILED`. */
export function keyText(join: string, key: unknown, from: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "boolean") return String(key);
  if (Array.isArray(key)) return partsText(join, key);
  throw refusal(join, key, from);
}

/** The parts of a key that is the JSON text of several, else the text. */
export function partsOf(key: string): string | readonly KeyPart[] {
  if (!key.startsWith("[")) return key;
  try {
    const parts = JSON.parse(key) as readonly unknown[];
    return parts.every(isPart) && JSON.stringify(parts) === key ? parts : key;
  } catch {
    return key;
  }
}

function partsText(join: string, parts: readonly unknown[]): string {
  const other = parts.findIndex((part) => !isPart(part));
  if (other >= 0) throw refusal(join, parts[other], undefined);
  return JSON.stringify(parts);
}

function isPart(part: unknown): part is KeyPart {
  return typeof part === "string" || typeof part === "boolean" || Number.isFinite(part);
}

function refusal(join: string, key: unknown, from: unknown): FanjoinError {
  const rule = "has to be a string, number or boolean, or an array of them";
  return new FanjoinError(
    "JOIN_FAILED",
    `the key of ${join}() ${rule}, but is ${valueText(key)}${keysText(key, from)}. Give such items a key of their own, e.g. ${join}(row => row.country ?? "unknown", …).`,
  );
}
