/** Runs the common cases on the embedded engine. */
import { describeCases } from "./cases.ts";
import { embedded } from "./embedded.ts";

describeCases({ driver: embedded, concurrent: false, cancelMs: 8_000 });
