/** The `fanjoin` command. */
import { commandLine } from "./program.ts";

await commandLine(process.argv.slice(2));
