/** How a batch is looked at: live on a screen, or as a report. Components get it as an argument. */
import type { Zone } from "../../words/times.ts";

export interface PageLook {
  readonly zone: Zone;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
  /** On paper: nothing can be pressed, opened or hovered. */
  readonly report: boolean;
  /** One column. */
  readonly narrow: boolean;
}
