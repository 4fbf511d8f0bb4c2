/** The cases of every platform, on one machine. */
import { describeCases } from "./cases.ts";
import { embedded } from "./embedded.ts";

describeCases({ driver: embedded, concurrent: false, cancelMs: 8_000 });
