/** Runs `fanjoin ui`: the page for a directory that is only looked at, or for a deployed stack. */
import { resolve } from "node:path";
import { api } from "../../api/handle-request.ts";
import { allBatches } from "../../batch/list.ts";
import { answer } from "../../api/http.ts";
import { reasonOf, usage } from "../../core/errors/errors.ts";
import { escapeEntry } from "../../cli/display/escape.ts";
import { say } from "../../cli/display/standard-error.ts";
import { errorText } from "../../cli/error-text.ts";
import { EXIT } from "../../cli/exit-codes.ts";
import type { ExitCode } from "../../cli/exit-codes.ts";
import { listenForInterrupts } from "../../cli/follow/interrupts.ts";
import { localBucket } from "../local-bucket.ts";
import { newToken } from "../http/access.ts";
import { hiderOf } from "../http/hidden-paths.ts";
import { startServer } from "../http/http-server.ts";
import type { DevServer, ServerOptions } from "../http/http-server.ts";
import { signedTransfer } from "../http/signed-transfer.ts";
import { batchMetrics } from "./batch-metrics.ts";
import { lookHost } from "./look-host.ts";
import type { LookHostOptions } from "./look-host.ts";
import type { PageSource } from "./page-answers.ts";
import { directoryPlace, stackPlaceOf } from "./place.ts";
import type { PlaceView } from "../../page/place-view.ts";
import { Sessions } from "./sessions.ts";
import { stackProxy } from "./stack-proxy.ts";
import type { ProxyOptions } from "./stack-proxy.ts";

export interface UiOptions {
  readonly port: number;
  /** The page that is served. */
  readonly page: PageSource | null;
}

/** What a server needs beyond its port, token and page. */
type Served = Pick<ServerOptions, "host" | "handle" | "transfer"> & {
  readonly place: PlaceView;
  readonly metrics: (() => Promise<string>) | null;
};

export interface PageServer extends DevServer {
  /** A new address that can be used once; `to` is the page that it leads to. */
  address(to?: string): string;
}

/** A directory, until Ctrl-C. */
export async function uiOfDirectory(directory: string, options: UiOptions): Promise<ExitCode> {
  const place = directoryPlace(directory);
  return untilInterrupted(
    await serveDirectory(directory, { ...options, place, engine: () => null }),
    directory,
  );
}

/** A stack, or another API, until Ctrl-C. */
export async function uiOfStack(target: ProxyOptions, options: UiOptions): Promise<ExitCode> {
  const proxy = await stackProxy(target);
  const place = stackPlaceOf(target);
  const token = newToken();
  const serve = (base: () => string): Served => ({
    ...proxy(token, base),
    place,
    metrics: null,
  });
  return untilInterrupted(await serving(options, token, serve), place.name);
}

async function untilInterrupted(server: PageServer, name: string): Promise<ExitCode> {
  using interrupts = listenForInterrupts();
  say(escapeEntry(`fanjoin ui shows ${name}`));
  say(`  open     ${server.address()}\nPress Ctrl-C to stop.`);
  await interrupts.first;
  await server.close();
  return EXIT.succeeded;
}

/** The page of a directory: nothing in it is changed. */
export async function serveDirectory(
  directory: string,
  options: UiOptions & Pick<LookHostOptions, "engine"> & { readonly place: PlaceView },
): Promise<PageServer> {
  const forCallers = hiderOf(directory);
  const report = (error: unknown): void => say(escapeEntry(errorText(error)));
  const folders = { uploads: resolve(directory, "inputs"), inputs: resolve(directory, "inputs") };
  const bucket = localBucket(folders, () => undefined);
  const transfer = signedTransfer({ directory, bucket, onObject: async () => undefined, forCallers });
  const { engine, place } = options;
  const token = newToken();
  let base = (): string => "";
  const host = lookHost({ directory, report, forCallers, engine, token, base: () => base() });
  // It knows the jobs of the batches that were listed.
  await Array.fromAsync(allBatches(host.ledger), ({ batch }) => batch);
  const serve = (own: () => string): Served => {
    base = own;
    const handle: ServerOptions["handle"] = (request) => api(host, request);
    return { host, handle, transfer, place, metrics: batchMetrics(host) };
  };
  return serving(options, token, serve);
}

async function serving(
  { port, page }: UiOptions,
  token: string,
  serve: (base: () => string) => Served,
): Promise<PageServer> {
  let server: DevServer | null = null;
  const base = (): string => `http://127.0.0.1:${server?.port ?? 0}`;
  const address = (to?: string): string => base() + sessions.address(to);
  const sessions = new Sessions(() => say(`opened; the next browser opens ${address()}`));
  const { place, metrics, ...served } = serve(base);
  server = await startServer({
    ...served,
    port,
    token,
    origins: [],
    overview: async () =>
      answer(200, "text/plain; charset=utf-8", "fanjoin ui: open the address that it printed\n"),
    page: { sessions, html: page, place, metrics },
  }).catch((error: unknown) => {
    throw usage(`--port ${port}: ${reasonOf(error)}. Give another port, or 0 for a free one`);
  });
  return { ...server, address };
}
