import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { parseOnEnd } from "../../src/job/on-end.ts";
import { isPrivateAddress } from "../../src/webhooks/private-address.ts";
import { sendWebhook } from "../../src/webhooks/send-webhook.ts";
import { webhookHeaders } from "../../src/webhooks/signature.ts";
import { webhookChannels } from "../../src/webhooks/webhook-channels.ts";
import { SECRET, receiver, verified } from "./receiver.ts";

const NEWS = { id: "msg_01A_0", data: {}, body: '{"type":"batch.ended"}' };
const HOUR_MS = 3_600_000;

function channelTo(url: string, secret: string | undefined = SECRET, env: NodeJS.ProcessEnv = {}) {
  const onEnd = parseOnEnd({ webhooks: [url], privateWebhooks: true, ...(secret ? { secret } : {}) });
  const [channel] = webhookChannels(onEnd, { env, now: Date.now });
  if (!channel) throw new Error("there is no channel");
  return channel;
}

test("a webhook is one POST that the specification's library verifies", async () => {
  const to = await receiver();
  await expect(channelTo(to.url).tell(NEWS)).resolves.toBe("told");
  expect(to.received.map(verified)).toEqual([{ type: "batch.ended" }]);
  expect(to.received[0]?.headers).toMatchObject({
    "webhook-id": "msg_01A_0",
    "content-type": "application/json",
    "user-agent": "fanjoin",
  });
});

test("the signature is that of the specification's library, for the second in which it was made", () => {
  const at = Date.UTC(2026, 10, 30, 2, 0, 0, 999);
  const headers = webhookHeaders({ id: "msg_01A_0", at, body: "{}" }, SECRET);
  expect(headers["webhook-timestamp"]).toBe(String(Math.floor(at / 1000)));
  expect(headers["webhook-signature"]).toBe(new Webhook(SECRET).sign("msg_01A_0", new Date(at), "{}"));
});

test("another body, and an old request, are refused by the specification's library", async () => {
  const to = await receiver();
  await channelTo(to.url).tell(NEWS);
  const [first] = to.received;
  if (!first) throw new Error("nothing arrived");
  expect(() => verified({ ...first, body: "{}" })).toThrow("signature");
  const old = webhookHeaders({ ...NEWS, at: Date.now() - HOUR_MS }, SECRET);
  expect(() => verified({ headers: old, body: NEWS.body })).toThrow("old");
});

test("the secret of the job goes before that of the environment; without either nothing is signed", async () => {
  const to = await receiver();
  const env = { FANJOIN_WEBHOOK_SECRET: SECRET };
  const other = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  await channelTo(to.url, "", env).tell(NEWS);
  await channelTo(to.url, other, env).tell(NEWS);
  await channelTo(to.url, "").tell(NEWS);
  const [first, second, third] = to.received;
  if (!first || !second) throw new Error("nothing arrived");
  expect(verified(first)).toEqual({ type: "batch.ended" });
  expect(() => verified(second)).toThrow("signature");
  expect(third?.headers).not.toHaveProperty("webhook-signature");
  expect(() => channelTo(to.url, "", { FANJOIN_WEBHOOK_SECRET: "hush" })).toThrow(
    "FANJOIN_WEBHOOK_SECRET has to be whsec_ and 24 to 64 bytes in base64, but is another text",
  );
});

test.for([
  [500, "the answer was 500"],
  [404, "the answer was 404"],
  // A redirect is not followed: it could lead to a private address.
  [307, "the answer was 307"],
] as const)("an answer of %i is worth another attempt", async ([status, message]) => {
  const to = await receiver(() => status);
  await expect(channelTo(to.url).tell(NEWS)).rejects.toThrow(message);
  expect(to.received).toHaveLength(1);
});

test("a receiver that says that it is gone is not asked again", async () => {
  const to = await receiver(() => 410);
  await expect(channelTo(to.url).tell(NEWS)).resolves.toEqual({ refused: "the receiver is gone (410)" });
});

test("an attempt ends with the process that makes it", async () => {
  const to = await receiver(() => null);
  const stop = new AbortController();
  const { url } = to;
  const sent = sendWebhook({ url, headers: {}, body: "{}", privateWebhooks: true, signal: stop.signal });
  await to.arrived(1);
  stop.abort(new Error("the process ends"));
  await expect(sent).rejects.toThrow("abort");
});

test.for(["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]", "2130706433"])(
  "%s is not reached without privateWebhooks",
  async (host) => {
    const to = await receiver();
    const onEnd = parseOnEnd({ webhooks: [`https://${host}:${to.port}/`] });
    const [channel] = webhookChannels(onEnd, { env: {}, now: Date.now });
    await expect(channel?.tell(NEWS)).resolves.toMatchObject({
      refused: expect.stringContaining("is a private address: onEnd.privateWebhooks allows such") as string,
    });
    expect(to.received).toEqual([]);
  },
);

test.for([
  ["8.8.8.8", false],
  ["2606:4700::1111", false],
  ["10.1.2.3", true],
  ["172.31.0.1", true],
  ["172.32.0.1", false],
  ["192.168.1.1", true],
  ["100.64.0.1", true],
  ["0.0.0.0", true],
  ["::", true],
  ["::1", true],
  ["fe80::1%eth0", true],
  ["fd00::1", true],
  ["64:ff9b::a00:1", true],
  ["::ffff:8.8.8.8", true],
  ["2002:a00:1::", true],
  ["255.255.255.255", true],
] as const)("%s is private: %s", ([address, isPrivate]) => {
  expect(isPrivateAddress(address)).toBe(isPrivate);
});

test("a log names the host of a webhook, and not its path, which may be a secret", () => {
  expect(channelTo("https://hooks.example.com/T0/B0/xyzzy").shown).toBe("the webhook at hooks.example.com");
});
