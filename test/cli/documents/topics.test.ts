import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { DOCUMENTS } from "../../../src/cli/documents/document-path.ts";
import { topicOf, topics } from "../../../src/cli/documents/topics.ts";

test("every page of docs but the index is a topic with a purpose", () => {
  const pages = readdirSync(DOCUMENTS).filter((name) => name.endsWith(".md"));
  expect(topics().map(({ page }) => page)).toEqual(pages.filter((name) => name !== "README.md").toSorted());
  expect(topics().filter(({ purpose }) => purpose === "")).toEqual([]);
});

test("a topic has the first sentence and the headings of its page, without marks", () => {
  const text =
    "# Joins\n\nThis page lists [all\n`joins`](x.md), e.g. `sum`. More.\n\n## `sum()`\n\n```sh\n## no heading\n```\n### below\n\n## Rules\n";
  expect(topicOf("joins.md", text)).toEqual({
    name: "joins",
    page: "joins.md",
    purpose: "lists all joins, e.g. sum",
    sections: ["sum()", "Rules"],
  });
});

test("without documents there are no topics", () => {
  expect(topics("no/such/folder")).toEqual([]);
});
