/** Items that wait for a server, some of them at once. */
import { FEW_IN_FLIGHT } from "../contestants/waiting.ts";
import waits from "./waits.ts";

export default { ...waits, options: { ...waits.options, concurrency: FEW_IN_FLIGHT } };
