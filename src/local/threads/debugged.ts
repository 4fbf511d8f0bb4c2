/** Whether a debugger may stop the threads of this process. */
import { url } from "node:inspector";

/** A thread at a breakpoint looks like one that is stuck: with an inspector none is ended for that. */
export function isDebugged(): boolean {
  return url() !== undefined;
}
