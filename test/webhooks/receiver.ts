/** A receiver of webhooks on loopback, which keeps what arrives. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { Webhook } from "standardwebhooks";

export const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes ...").toString("base64")}`;

export interface Received {
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** Resolves once so many requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): void;
}

/** The status of the answer to request `n`, counted from 1; `null`: it gets none. */
export type Answer = (n: number) => number | null;

export async function receiver(answer: Answer = () => 204, port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const headers = request.headers as Received["headers"];
      received.push({ headers, body: Buffer.concat(parts).toString() });
      for (const look of waiting) look();
      const status = answer(received.length);
      if (status !== null) response.writeHead(status, { location: "/elsewhere" }).end();
    });
  });
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const at = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${at}/hook`,
    port: at,
    received,
    close,
    arrived(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (received.length >= count) resolve();
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
}

/** What was sent, as the library of the specification verifies it. Throws if the signature is wrong. */
export function verified({ headers, body }: Received): unknown {
  return new Webhook(SECRET).verify(body, headers);
}

/** The same where the clock of the sender is another one. */
export function signed({ headers, body }: Received): unknown {
  const { "webhook-id": id = "", "webhook-timestamp": seconds, "webhook-signature": signature } = headers;
  if (new Webhook(SECRET).sign(id, new Date(Number(seconds) * 1000), body) !== signature)
    throw new Error(`the signature is wrong: ${signature}`);
  return JSON.parse(body) as unknown;
}
