/** What a job logs, as the other side can receive it. */
import { cloned } from "../../runner/captured.ts";

/** Log fields as the other side can receive them. */
export function printable(fields: unknown): unknown {
  try {
    return cloned(fields);
  } catch {
    return textOf(fields);
  }
}

/** A log entry costs no item, whatever it holds. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "(cannot be shown)";
  }
}
