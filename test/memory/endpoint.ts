/** A fake AWS service in this process. The real SDK sends its requests to it instead of a connection. */
import { Readable } from "node:stream";
import { HttpResponse } from "@smithy/protocol-http";
import type { HttpRequest } from "@smithy/protocol-http";

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

type Answering = (request: HttpRequest, body: Buffer) => Answer | Promise<Answer>;

/** The options of a client whose requests go to `answer`. Its credentials are not checked. */
export function endpoint(answer: Answering) {
  return {
    region: "us-east-1",
    endpoint: "http://in-process.invalid",
    credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
    requestHandler: {
      async handle(request: HttpRequest) {
        const { status = 200, headers = {}, body = "" } = await answer(request, bytesOf(request.body));
        const length = request.method === "HEAD" ? {} : { "content-length": String(Buffer.byteLength(body)) };
        return {
          response: new HttpResponse({
            statusCode: status,
            headers: { ...length, ...headers },
            body: Readable.from(
              body.length > 0 && request.method !== "HEAD" ? [Buffer.from(body as string)] : [],
            ),
          }),
        };
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    },
  };
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  // The SDK's own byte arrays throw if they are used as text.
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError("the fake endpoint does not support a stream as a body");
}

/** A fake service with named actions, whose requests and answers are JSON. */
export function jsonEndpoint(call: (action: string, input: never) => object) {
  return endpoint(({ headers }, body) => {
    const action = headers["x-amz-target"]?.split(".").at(-1) ?? "";
    try {
      return { body: JSON.stringify(call(action, JSON.parse(body.toString()) as never)) };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { name, message, details } = error;
      return { status: 400, body: JSON.stringify({ __type: name, message, ...details }) };
    }
  });
}

/** An error that a fake service answers with. */
export class ServiceError extends Error {
  readonly details: object;

  constructor(name: string, message: string, details: object = {}) {
    super(message);
    this.name = name;
    this.details = details;
  }
}
