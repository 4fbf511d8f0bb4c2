/** Copies a text, and says so in place of its icon. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icon.ts";

const SAID_MS = 1500;

export interface CopyButtonProps {
  readonly text: string;
  /** `Copy the id`. */
  readonly label: string;
  /** Shown beside the icon. */
  readonly word?: string;
}

export function CopyButton({ text, label, word }: CopyButtonProps): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return h(
    "button",
    {
      type: "button",
      class: word === undefined ? "icon-button" : "button small",
      "aria-label": copied ? "Copied" : label,
      title: copied ? "Copied" : label,
      onClick: () => void copy(text).then(() => setCopied(true)),
    },
    h(Icon, { name: copied ? "check" : "copy" }),
    word !== undefined && (copied ? "Copied" : word),
  );
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
