/** A place to drop a file on, with a button that does the same. */
import { h } from "preact";
import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";

export interface DropZoneProps {
  readonly onFile: (file: File) => void;
  /** The class of its button. */
  readonly button: string;
  readonly word: string;
  readonly large?: boolean;
  /** Before and after the button. */
  readonly before?: ComponentChildren;
  readonly children?: ComponentChildren;
}

export function DropZone({
  onFile,
  button,
  word,
  large = false,
  before,
  children,
}: DropZoneProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0];
    if (file) onFile(file);
  };
  return h(
    "div",
    {
      class: `drop-zone${large ? " large" : ""}${isOver ? " over" : ""}`,
      onDragOver: (event: DragEvent) => {
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      },
    },
    before,
    h("button", { type: "button", class: button, onClick: () => input.current?.click() }, word),
    h("input", {
      ref: input,
      type: "file",
      hidden: true,
      "aria-label": word,
      onChange: (event) => take(event.currentTarget.files),
    }),
    children,
  );
}
