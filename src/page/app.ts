/** The page: its bar, the view of the address, and what readers of screens hear. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { BatchPage } from "./batch/batch-page.ts";
import { BatchesPage } from "./batches/batches-page.ts";
import { JobPage } from "./jobs/job-page.ts";
import { JobsPage } from "./jobs/jobs-page.ts";
import { moveRow, useKeys } from "./live/keys.ts";
import type { Site } from "./live/site.ts";
import { KeysDialog } from "./parts/top/keys-dialog.ts";
import { Patterns } from "./parts/patterns.ts";
import { Strip } from "./parts/strip.ts";
import { TopBar } from "./parts/top/top-bar.ts";

export function App({ site }: { readonly site: Site }): JSX.Element {
  const [showsKeys, setShowsKeys] = useState(false);
  const route = site.route.value;
  const alarm = site.alarm.value;
  useKeys({
    "g b": () => site.go("/"),
    "g j": () => site.go("/jobs"),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    "?": () => setShowsKeys(true),
  });
  useEffect(() => {
    site.alarm.value = "";
  }, [route]);
  return h(
    "div",
    { class: "page" },
    h("a", { class: "skip", href: "#main" }, "Skip to content"),
    h(Patterns, null),
    h(TopBar, { site, onKeys: () => setShowsKeys(true) }),
    h(
      "main",
      { id: "main", tabIndex: -1 },
      alarm !== "" && h(Strip, { tone: "bad" }, h("span", { role: "alert" }, alarm)),
      h(View, { site }),
    ),
    h("p", { class: "hidden-text", role: "status" }, site.said.value),
    showsKeys && h(KeysDialog, { onClose: () => setShowsKeys(false) }),
  );
}

function View({ site }: { readonly site: Site }): JSX.Element {
  const route = site.route.value;
  switch (route.view) {
    case "batches":
      return h(BatchesPage, { site, filters: route.filters });
    case "batch":
      return h(BatchPage, { key: route.batch, site, batch: route.batch });
    case "jobs":
      return h(JobsPage, { site });
    case "job":
      return h(JobPage, { key: route.job, site, name: route.job });
    case "unknown":
      return h(
        "div",
        { class: "panel problem" },
        h("h1", null, `There is no page at ${route.path}.`),
        h("p", null, h("a", { href: "/" }, "All batches")),
      );
  }
}
