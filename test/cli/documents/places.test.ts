/** Every error code and every command leads to a heading that exists. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DOCUMENTS } from "../../../src/cli/documents/document-path.ts";
import type { DocumentPlace } from "../../../src/cli/documents/document-path.ts";
import { PLACES_OF_CODES, placeOfCommand } from "../../../src/cli/documents/places.ts";
import { program } from "../../../src/cli/program.ts";

function headingsOf(page: string): string[] {
  const text = readFileSync(join(DOCUMENTS, page), "utf8").replaceAll(/^ *```[^]*?^ *```/gm, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading.replaceAll("`", ""));
}

function leadsNowhere({ page, section = "" }: DocumentPlace): boolean {
  return !headingsOf(page).includes(section);
}

test("the sections of error codes exist", () => {
  expect(Object.entries(PLACES_OF_CODES).filter(([, place]) => leadsNowhere(place))).toEqual([]);
});

test("the sections of commands exist", () => {
  const names = program().commands.map((command) => command.name());
  expect(names).toContain("run");
  expect(names.filter((name) => leadsNowhere(placeOfCommand(name)))).toEqual([]);
  expect(leadsNowhere({ page: "cli.md", section: "No such section" })).toBe(true);
});

test("docs/errors.md leads to the same sections as the terminal", () => {
  const rows = readFileSync(join(DOCUMENTS, "errors.md"), "utf8").matchAll(
    /^\| `([A-Z_]+)` \|.*\| \[(.+)\]\(([^)#]+)#[^)]+\) \|$/gm,
  );
  const documented = [...rows].map(([, code, section = "", page]) => [
    code,
    { page, section: section.replaceAll("`", "") },
  ]);
  expect(documented).toEqual(Object.entries(PLACES_OF_CODES));
});
