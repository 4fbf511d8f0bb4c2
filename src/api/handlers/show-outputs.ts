/** The outputs of a batch: all of them once it has ended, or page by page while it runs. */
import { readOutputs } from "../../outputs/read-outputs.ts";
import type { OutputOrder } from "../../outputs/read-position.ts";
import type { ApiHost } from "../host.ts";
import { answer } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { batchIn } from "../checked-names.ts";
import { badRequest } from "../problem.ts";
import { FILE_FORMATS, showFile, showOutputFile } from "./show-file.ts";

export const ORDERS = ["input", "completed"] as const satisfies readonly OutputOrder[];

/** Seconds until a client should ask for more. Each request of a stack costs money. */
const RETRY_AFTER = "2";

const QUERY = ["after", "order", "file"] as const;

const showAll = showFile("outputs");

export async function showOutputs(
  host: ApiHost,
  request: ApiRequest,
  names: readonly string[],
): Promise<ApiResponse> {
  const { query } = request;
  for (const name of Object.keys(query)) {
    if (!QUERY.some((known) => known === name))
      throw badRequest(
        `there is no parameter ${JSON.stringify(name)}: the parameters are ${QUERY.join(", ")}`,
      );
  }
  const { after, order, file } = query;
  if (file !== undefined) return showOutputFile(host, request, batchIn(names[0] ?? ""), file);
  if (after !== undefined) return page(host, batchIn(names[0] ?? ""), after, orderIn(order));
  if (order === undefined) return showAll(host, request, names);
  throw badRequest("order goes with after: begin with an empty one (?after=&order=completed)");
}

async function page(
  host: ApiHost,
  batch: string,
  after: string,
  order: OutputOrder | undefined,
): Promise<ApiResponse> {
  const source = {
    ledger: host.ledger,
    store: host.store,
    fileName: (id: string, stored: string) => host.fileName(id, "outputs", stored),
  };
  const { type, inlineBytes } = FILE_FORMATS.outputs;
  const { blocks, cursor, state, batchState } = await readOutputs(source, batch, {
    after,
    order,
    maxBytes: inlineBytes,
  });
  return answer(200, type, Buffer.concat(blocks).toString("utf8"), {
    "fanjoin-cursor": cursor,
    "fanjoin-outputs": state,
    "fanjoin-state": batchState,
    ...(state === "waiting" ? { "retry-after": RETRY_AFTER } : {}),
  });
}

/** Throws `REQUEST_INVALID`. */
function orderIn(text: string | undefined): OutputOrder | undefined {
  const order = ORDERS.find((name) => name === text);
  if (order || text === undefined) return order;
  throw badRequest(`order must be one of ${ORDERS.join(", ")}, but is ${JSON.stringify(text)}`);
}
