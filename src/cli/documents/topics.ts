/** The pages of `docs/` as topics of `fanjoin help`. A page that is added there is a topic. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DOCUMENTS } from "./document-path.ts";

export interface Topic {
  /** `jobs`, for `docs/jobs.md`. */
  readonly name: string;
  readonly page: string;
  /** What the page is for: its first sentence without "This page". */
  readonly purpose: string;
  /** Its headings, without backticks. */
  readonly sections: readonly string[];
}

/** The page that lists all pages. */
export const INDEX = "README.md";

/** By name. None where the documents were removed. */
export function topics(folder = DOCUMENTS): readonly Topic[] {
  const pages = pagesIn(folder).filter((name) => name.endsWith(".md") && name !== INDEX);
  return pages.toSorted().map((page) => topicOf(page, readFileSync(join(folder, page), "utf8")));
}

function pagesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Every page begins with a sentence on what it is for: "This page says how …". A test holds that. */
export const PURPOSE = /^# .+\n\nThis page ([a-z][^]*?)\.(?=\n\n|\s[A-Z])/;

export function topicOf(page: string, text: string): Topic {
  const prose = text.replaceAll(/^ *```[^]*?^ *```/gm, "");
  const [, purpose = ""] = PURPOSE.exec(text) ?? [];
  const sections = [...prose.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => plain(heading));
  return { name: page.replace(/\.md$/, ""), page, purpose: plain(purpose), sections };
}

/** Without links and backticks. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll("`", "")
    .replaceAll(/\s+/g, " ");
}
