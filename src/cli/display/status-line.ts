/** A line of a terminal that changes, until it is taken away. */
import { SingleBar } from "cli-progress";

export interface StatusLine {
  show(): void;
  /** Prints a line that stays, above the one that changes. */
  print(text: string): void;
  clear(): void;
}

/** `text`: asked again whenever the line is drawn; never longer than the terminal is wide. */
export function statusLine(stream: NodeJS.WriteStream, text: () => string): StatusLine {
  const line = new SingleBar({ format: text, stream, clearOnComplete: true, gracefulExit: false });
  let shown = false;

  function show(): void {
    if (shown) return;
    line.start(1, 0);
    // It turned wrapping off, and would leave it off if the process were killed; the line is never too long.
    stream.write("\u001B[?7h");
    shown = true;
  }

  function clear(): void {
    if (shown) line.stop();
    shown = false;
  }

  return {
    show,
    print(words) {
      const wasShown = shown;
      // Begun anew below the text: it remembers where on the screen it began.
      clear();
      stream.write(`${words}\n`);
      if (wasShown) show();
    },
    clear,
  };
}
