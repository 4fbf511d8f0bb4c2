import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { eventBus } from "../../src/aws/put-event.ts";

/** EventBridge on loopback, which answers as `entry` says. Returns the bodies of the requests. */
async function bridge(entry: object): Promise<unknown[]> {
  const requests: unknown[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      requests.push({ target: request.headers["x-amz-target"], ...(JSON.parse(body) as object) });
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify({ FailedEntryCount: 0, Entries: [entry] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${port}`);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return requests;
}

test("an event is one entry of the default bus", async () => {
  const requests = await bridge({ EventId: "1" });
  await eventBus()({ batch: "01A", state: "succeeded" });
  expect(requests).toEqual([
    {
      target: "AWSEvents.PutEvents",
      Entries: [
        { Source: "fanjoin", DetailType: "Batch ended", Detail: '{"batch":"01A","state":"succeeded"}' },
      ],
    },
  ]);
});

test("an entry that EventBridge refuses is an error, though the request succeeds", async () => {
  await bridge({ ErrorCode: "ThrottlingException", ErrorMessage: "slow down" });
  await expect(eventBus()({ batch: "01A" })).rejects.toThrow("EventBridge refused the event: slow down");
});
