/** The same over HTTP: each operation with a line for a shell. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Json } from "../../core/json/json.ts";
import { get } from "../live/api.ts";
import { CopyButton } from "../parts/copy-button.ts";
import { Icon } from "../parts/icon.ts";
import type { PlaceView } from "../place-view.ts";
import { FIRST, curlOf, operationsOf } from "./curl.ts";
import type { ApiOperation } from "./curl.ts";

export interface OperationsProps {
  readonly job: string;
  readonly place: PlaceView | null;
  /** Of the request that starts a batch. */
  readonly body: Json;
}

export function Operations({ job, place, body }: OperationsProps): JSX.Element | null {
  const [operations, setOperations] = useState<readonly ApiOperation[]>([]);
  const [isAll, setAll] = useState(false);
  useEffect(() => {
    get<Json>("/openapi.json").then(
      (document) => setOperations(operationsOf(document, job)),
      // A server without the document has no such section.
      () => undefined,
    );
  }, [job]);
  if (operations.length === 0) return null;
  return h(
    "section",
    { class: "panel operations", "aria-labelledby": "http-head" },
    h(
      "header",
      null,
      h("h2", { id: "http-head" }, "The same over HTTP"),
      h(
        "span",
        { class: "soft" },
        place?.kind === "stack" ? "the API of this stack" : "the API is the one of a deployed stack",
      ),
    ),
    h(
      "ul",
      null,
      ...(isAll ? operations : operations.slice(0, FIRST)).map((operation) =>
        h(Operation, { key: `${operation.method} ${operation.path}`, operation, place, body }),
      ),
    ),
    !isAll &&
      operations.length > FIRST &&
      h(
        "p",
        { class: "panel-foot" },
        h(
          "button",
          { type: "button", class: "as-link", onClick: () => setAll(true) },
          `Show all ${operations.length} operations`,
        ),
      ),
  );
}

function Operation({
  operation,
  place,
  body,
}: {
  readonly operation: ApiOperation;
  readonly place: PlaceView | null;
  readonly body: Json;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { method, path, summary } = operation;
  const curl = curlOf(operation, { base: location.origin, place, body: bodyFor(path, body) });
  return h(
    "li",
    { class: "operation" },
    h(
      "button",
      {
        type: "button",
        class: "operation-head",
        "data-row": `${method} ${path}`,
        "aria-expanded": isOpen,
        onClick: () => setOpen(!isOpen),
      },
      h(Icon, { name: "chevron" }),
      h("code", { class: "soft" }, method),
      h("code", null, path),
      h("span", { class: "soft" }, summary),
    ),
    isOpen &&
      h(
        "div",
        { class: "curl" },
        h("pre", { tabIndex: 0 }, curl),
        h(CopyButton, { text: curl, label: `Copy the line for ${method} ${path}`, word: "Copy" }),
      ),
  );
}

/** Only requests whose body is known have one: the others work without. */
function bodyFor(path: string, body: Json): Json {
  if (/^\/jobs\/[^/]+\/batches$/.test(path)) return body;
  if (path.endsWith("/uploads")) return { name: "q4.csv" };
  return path === "/batches/{batch}" ? { threads: 2 } : null;
}
