/** A line at the bottom of a terminal that changes until it is removed. */
import { SingleBar } from "cli-progress";

export interface StatusLine {
  show(): void;
  /** Prints a line that stays, above the changing line. */
  print(text: string): void;
  clear(): void;
}

/** `text` is called whenever the line is drawn. It must not return more than the terminal's width. */
export function statusLine(stream: NodeJS.WriteStream, text: () => string): StatusLine {
  const line = new SingleBar({ format: text, stream, clearOnComplete: true, gracefulExit: false });
  let isShown = false;

  function show(): void {
    if (isShown) return;
    line.start(1, 0);
    // The bar turned line wrapping off, and would leave it off if the process were killed. Wrapping can stay
    // on, because the line is never too long.
    stream.write("\u001B[?7h");
    isShown = true;
  }

  function clear(): void {
    if (isShown) line.stop();
    isShown = false;
  }

  return {
    show,
    print(words) {
      const wasShown = isShown;
      // The bar remembers its place on the screen, so it is started again below the text.
      clear();
      stream.write(`${words}\n`);
      if (wasShown) show();
    },
    clear,
  };
}
