/** A service on loopback that notes when it is called, and how many calls are open at once. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface LimitedService {
  readonly url: string;
  /** When each call came, in milliseconds since the epoch. */
  readonly times: readonly number[];
  /** The most calls that were open at once. */
  readonly mostOpen: () => number;
}

/** `answer` answers the call `n`, counted from 1; by default with 200. */
export async function limitedService(
  answer: (n: number, response: ServerResponse) => void = (_, response) => void response.end("ok"),
): Promise<LimitedService> {
  const times: number[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((_: IncomingMessage, response) => {
    times.push(performance.timeOrigin + performance.now());
    most = Math.max(most, ++open);
    response.on("close", () => open--);
    answer(times.length, response);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, times, mostOpen: () => most };
}
