/** Runs `fanjoin dev`, from its start to Ctrl-C. */
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { api } from "../api/handle-request.ts";
import { allBatches } from "../batch/list.ts";
import { parseSpec } from "../batch/spec.ts";
import { reasonOf, usage } from "../core/errors/errors.ts";
import { hasEnded } from "../core/records/batch/batch.ts";
import type { Engine } from "../local/engine/engine.ts";
import { makeDirectory } from "../local/directory/files/make-directory.ts";
import { escapeEntry, escapeLine } from "../cli/display/escape.ts";
import { counted } from "../format.ts";
import { say } from "../cli/display/standard-error.ts";
import { errorText } from "../cli/error-text.ts";
import { EXIT } from "../cli/exit-codes.ts";
import type { ExitCode } from "../cli/exit-codes.ts";
import { listenForInterrupts, STOPPING } from "../cli/follow/interrupts.ts";
import { locateIn } from "../open/directory-files.ts";
import { jobFileAt, loadWithNotice } from "../open/load-job.ts";
import { announceDev } from "../open/running-dev.ts";
import { withEngine } from "./with-engine.ts";
import type { EngineDirectory } from "./with-engine.ts";
import { newToken } from "./http/access.ts";
import { pathHider } from "./http/hidden-paths.ts";
import type { KnownFolder } from "./http/hidden-paths.ts";
import { devHost } from "./dev-host.ts";
import type { DevHost } from "./dev-host.ts";
import { overview } from "./http/overview.ts";
import { startServer } from "./http/http-server.ts";
import type { DevServer } from "./http/http-server.ts";
import { localBucket } from "./local-bucket.ts";
import type { Folders, LocalBucket } from "./local-bucket.ts";
import type { InputObjects } from "../ports.ts";
import { devMetrics } from "./metrics.ts";
import { runningBatches } from "./running-batches.ts";
import type { RunningBatches } from "./running-batches.ts";
import { scheduler } from "./scheduler.ts";
import { signedTransfer } from "./http/signed-transfer.ts";
import { batchMetrics } from "./page/batch-metrics.ts";
import type { PageSource } from "./page/page-answers.ts";
import { devPlace } from "./page/place.ts";
import { Sessions } from "./page/sessions.ts";
import { shippedPage } from "./page/shipped-page.ts";
import { uploadQueue } from "./upload-queue.ts";
import type { UploadQueue } from "./upload-queue.ts";

export interface DevOptions extends EngineDirectory {
  readonly port: number;
  readonly uploads: string;
  readonly token?: string;
  /** Origins of other web pages that may send requests. */
  readonly origins?: readonly string[];
  /** Starts batches at the times of the jobs' schedules. */
  readonly schedule?: boolean;
  /** The page that is served. Absent: that of this package. */
  readonly page?: PageSource;
}

export const TOKEN_VARIABLE = "FANJOIN_TOKEN";

export async function dev(jobs: readonly string[], options: DevOptions): Promise<ExitCode> {
  using interrupts = listenForInterrupts();
  const bucket = localBucket(foldersOf(options), log);
  const objects: InputObjects = {
    nameOf: (url) => bucket.fileOf(url),
    list: (...below) => bucket.list(...below),
  };
  return await withEngine({ ...options, objects }, async (engine) => {
    const serving = serve(engine, jobs, bucket, options);
    const first = await Promise.race([serving, interrupts.first]);
    if (first === "interrupted") {
      // Not awaited: a job file may still be loading. If the server starts after all, it is closed.
      serving.then(
        (started) => started.close(),
        () => undefined,
      );
      return EXIT.interrupted;
    }
    await Promise.race([interrupts.first, first.running.failed]);
    log(STOPPING);
    const left = first.running.size;
    await first.close();
    if (left === 0) return EXIT.succeeded;
    log(
      `${counted(left, "batch", "batches")} unfinished: the next start continues ${left === 1 ? "it" : "them"}, nothing is lost`,
    );
    return EXIT.interrupted;
  });
}

interface Serving {
  readonly running: RunningBatches;
  close(): Promise<void>;
}

function foldersOf({ uploads, dir }: DevOptions): Folders {
  return { uploads: resolve(uploads), inputs: resolve(dir, "inputs") };
}

async function serve(
  engine: Engine,
  jobs: readonly string[],
  bucket: LocalBucket,
  options: DevOptions,
): Promise<Serving> {
  const files = await jobFiles(engine, jobs);
  const folders = foldersOf(options);
  makeFolders(folders, [...files.keys()]);
  const token = tokenOf(options);
  const { origins = [], page = shippedPage } = options;
  const running = runningBatches({ engine, locate: locateIn(options.dir), log });
  const metrics = devMetrics(engine);
  let server: DevServer | null = null;
  const sessions = new Sessions(() => log(`opened; the next browser opens ${address()}`));
  const address = (): string => `http://127.0.0.1:${server?.port ?? 0}${sessions.address()}`;
  const forCallers = pathHider(knownFolders(folders, options.dir, files));
  const host = devHost({
    engine,
    directory: options.dir,
    files,
    bucket,
    token,
    base: () => `http://127.0.0.1:${server?.port ?? 0}`,
    onRunning(batch, job) {
      running.add(batch, job);
      metrics.add(batch, job);
    },
    onNotice: log,
    report: (error) => log(errorText(error)),
    forCallers,
  });
  const ofBatches = batchMetrics(host);
  const uploads = uploadQueue({ host, folder: folders.uploads, log });
  const onObject = (key: string): Promise<void> => uploads.arrived(key);
  const transfer = signedTransfer({ directory: options.dir, bucket, onObject, forCallers });
  server = await startServer({
    port: options.port,
    token,
    origins,
    host,
    handle: (request) => api(host, request),
    overview: (request) => overview(host, request),
    page: {
      sessions,
      html: page,
      place: devPlace(options.dir),
      metrics: async () => `${await ofBatches()}${metrics.text()}`,
    },
    transfer,
  }).catch((error: unknown) => {
    throw usage(`--port ${options.port}: ${reasonOf(error)}. Give another port, or 0 for a free one`);
  });
  const takeBack = announceDev(options.dir, {
    pid: process.pid,
    endpoint: `http://127.0.0.1:${server.port}`,
    token,
    jobs: Object.fromEntries(Array.from(files, ([name, file]) => [name, realpathSync(file)])),
  });
  announce({ server, token, files, options, open: address() });
  await resumeAll(host);
  uploads.watch();
  const schedules = scheduler(host, log);
  if (options.schedule) schedules.start();
  return {
    running,
    async close() {
      takeBack();
      await schedules.close();
      await close(server, uploads, running);
    },
  };
}

async function close(server: DevServer | null, uploads: UploadQueue, running: RunningBatches): Promise<void> {
  running.stop();
  await uploads.close();
  await server?.close();
}

/** Job files by job name. Throws `JOB_INVALID`, and `USAGE` for two jobs with one name. */
async function jobFiles(engine: Engine, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const path of paths) {
    const file = jobFileAt(path);
    const { name } = await loadWithNotice({
      engine: { load: () => engine.describe(file) },
      file,
      params: null,
      onNotice: log,
    });
    const other = files.get(name);
    if (other !== undefined && other !== file)
      throw usage(`${path} and ${relative("", other)} both have the job name ${name}: leave out one of them`);
    files.set(name, file);
  }
  return files;
}

function makeFolders({ uploads, inputs }: Folders, jobs: readonly string[]): void {
  makeDirectory(inputs);
  for (const job of jobs) makeDirectory(join(uploads, job));
}

/** How callers of the API know the folders of this machine. */
function knownFolders(
  { uploads, inputs }: Folders,
  directory: string,
  files: ReadonlyMap<string, string>,
): readonly KnownFolder[] {
  return [
    [uploads, "s3://local/uploads"],
    [inputs, "s3://local/inputs"],
    [resolve(directory), "the state directory"],
    [process.cwd(), ""],
    ...[...files.values()].map((file): KnownFolder => [dirname(file), ""]),
    [homedir(), "~"],
  ];
}

function tokenOf({ token = process.env[TOKEN_VARIABLE] ?? "" }: DevOptions): string {
  if (token === "") return newToken();
  if (/^[\x21-\x7E]+$/.test(token)) return token;
  throw usage("--token must consist of printable ASCII characters without spaces");
}

interface Announced {
  readonly server: DevServer;
  readonly token: string;
  readonly files: ReadonlyMap<string, string>;
  readonly options: DevOptions;
  /** The address of the page. */
  readonly open: string;
}

function announce({ server: { port }, token, files, options, open }: Announced): void {
  const { uploads, dir, origins = [] } = options;
  say(`fanjoin dev serves ${[...files.keys()].join(", ")} at http://127.0.0.1:${port}
  open     ${open}
  token    ${TOKEN_VARIABLE}=${token}
  uploads  ${escapeLine(join(uploads, "<job>"))}: a file dropped here starts a batch
  state    ${escapeLine(dir)}${origins.length === 0 ? "" : `\n  origins  ${origins.map(escapeLine).join(", ")}: web pages that may send requests`}
Press Ctrl-C to stop. The next start continues unfinished batches.`);
}

/**
 * Continues unfinished batches of an earlier start. One that cannot be continued does not stop the others.
 */
async function resumeAll(host: DevHost): Promise<void> {
  for await (const { batch, fields } of allBatches(host.ledger, { having: "open" })) {
    if (hasEnded(fields)) continue;
    const { job } = parseSpec(batch, fields);
    try {
      await host.takeUp(batch);
    } catch (error) {
      log(`${job} ${batch} cannot be continued: ${reasonOf(error)}`);
    }
  }
}

function log(line: string): void {
  say(escapeEntry(line));
}
