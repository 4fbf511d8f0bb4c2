/**
 * A server: each upload becomes a batch of this process. It goes on with unfinished batches when it starts.
 *
 *     node examples/programs/server.ts
 *     curl --data-binary @events/inputs/birdstrikes.csv http://127.0.0.1:8080/reports
 *     curl http://127.0.0.1:8080/reports/01KB…
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { FanjoinError, open } from "fanjoin/local";

const JOB = new URL("../bird-strikes.ts", import.meta.url);

const fanjoin = await open({ directory: "reports", threads: 2 });
for await (const { batch, endedAt } of fanjoin.list())
  if (endedAt === null) await (await fanjoin.batch(batch)).resume({ job: JOB });

async function answer(request: IncomingMessage): Promise<[status: number, body: unknown]> {
  const [, reports, id] = (request.url ?? "").split("/");
  if (reports !== "reports") return [404, { error: "there is only /reports" }];
  if (request.method === "POST") {
    const batch = await fanjoin.submit(JOB, { input: [{ name: "upload.csv", bytes: request }] });
    return [202, { report: batch.id }];
  }
  const batch = await fanjoin.batch(id ?? "");
  const { state, items, result } = await batch.summary();
  return [200, { state, items, result: result?.value ?? null }];
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [status, body] = await answer(request).catch((error: unknown): [number, unknown] => {
    const code = error instanceof FanjoinError ? error.code : "INTERNAL";
    return [code === "BATCH_UNKNOWN" ? 404 : 500, { code }];
  });
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const server = createServer((request, response) => void respond(request, response));
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  const address = server.address();
  console.log(`reports at http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/reports`);
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  // Running batches are kept: the next start goes on with them.
  void fanjoin.close();
});
