/** Where the page is, and what it may do there. */
export interface PlaceView {
  /** Of `fanjoin dev`, of `fanjoin run --open`, of a directory that `fanjoin ui` looks into, of a stack. */
  readonly kind: "dev" | "run" | "directory" | "stack";
  /** Of the directory or the stack. */
  readonly name: string;
  readonly version: string;
  /** Whether buttons work. If not, the page shows the command in place of the button. */
  readonly changes: boolean;
  readonly why?: string;
  /** At the end of these commands. */
  readonly options: string;
  /** How often it hears of a batch: at once, or every so many milliseconds. */
  readonly every: "live" | number;
}
