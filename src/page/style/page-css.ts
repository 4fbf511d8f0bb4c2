/** The style sheet of the page. */
import { base } from "./base.ts";
import { batchStyle } from "./batch.ts";
import { layout } from "./layout.ts";
import { listsStyle } from "./lists.ts";
import { timelineStyle } from "./timeline.ts";
import { tokens } from "./tokens.ts";

export const pageCss = [tokens, base, layout, batchStyle, listsStyle, timelineStyle].join("");
