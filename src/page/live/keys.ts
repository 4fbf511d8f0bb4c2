/** Single keys. Each does what a button or link does, too; they can be switched off. */
import { useEffect } from "preact/hooks";

export type KeyActions = { readonly [key: string]: () => void };

const STORED = "fanjoin.keys";
/** The second key of `g b` follows within this time. */
const TOGETHER_MS = 1500;

const listeners = new Set<KeyActions>();
const typed = { key: "", at: 0 };

export function keysAreOn(): boolean {
  return localStorage.getItem(STORED) !== "off";
}

export function switchKeys(on: boolean): void {
  localStorage.setItem(STORED, on ? "on" : "off");
}

/** While a view is shown. `g b` is two keys. */
export function useKeys(actions: KeyActions): void {
  useEffect(() => {
    listeners.add(actions);
    return () => void listeners.delete(actions);
  });
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !keysAreOn()) return;
  if (isField(event.target) || document.querySelector("dialog[open]")) return;
  const { key } = event;
  const pair = Date.now() - typed.at < TOGETHER_MS ? `${typed.key} ${key}` : "";
  typed.key = key;
  typed.at = Date.now();
  const action = find(pair) ?? find(key);
  if (!action) return;
  event.preventDefault();
  typed.at = 0;
  action();
}

function find(key: string): (() => void) | undefined {
  return [...listeners].map((actions) => actions[key]).find((action) => action !== undefined);
}

/** Keys in fields are text. */
function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]")
  );
}

/** The next or previous row: rows are links or buttons with `data-row`. */
export function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? rows[step === 1 ? 0 : rows.length - 1] : rows[at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
