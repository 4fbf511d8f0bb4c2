import { expect, test } from "vitest";
import { defineJob, range } from "../../src/index.ts";
import { describeJob } from "../../src/job/describe-job.ts";
import { parseOnEnd } from "../../src/job/on-end.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

test("onEnd has defaults, and names each URL once", () => {
  const url = "https://example.com/hook";
  expect(parseOnEnd({ webhooks: [url, url] })).toEqual({
    webhooks: [url],
    secret: null,
    privateWebhooks: false,
  });
  expect(parseOnEnd(undefined)).toBeNull();
  expect(parseOnEnd({ webhooks: [] })).toBeNull();
  expect(parseOnEnd({ webhooks: ["http://10.0.0.1/"], privateWebhooks: true })?.webhooks).toEqual([
    "http://10.0.0.1/",
  ]);
});

test.for([
  [{ webhook: "https://example.com" }, "onEnd has no option"],
  [{ webhooks: "https://example.com" }, "onEnd.webhooks has to be a list of at most 10 URLs."],
  [{ webhooks: ["example"] }, 'onEnd.webhooks[0] has to be a URL, but is "example".'],
  [{ webhooks: ["http://example.com"] }, "onEnd.webhooks[0] has to begin with https://, but is of http:."],
  [{ webhooks: ["file:///etc/passwd"], privateWebhooks: true }, "has to begin with https://"],
  [{ webhooks: ["https://me:pw@example.com"] }, "onEnd.webhooks[0] has a user name or password"],
  [{ webhooks: [], privateWebhooks: 1 }, "onEnd.privateWebhooks has to be true or false, but is 1."],
  [{ secret: "hunter2" }, "onEnd.secret has to be whsec_ and 24 to 64 bytes in base64, but is another text."],
] as const)("%j is refused", ([onEnd, message]) => {
  expect(() => parseOnEnd(onEnd)).toThrow(message);
});

test("a wrong secret is not shown", () => {
  expect(() => parseOnEnd({ secret: "hunter2" })).toThrow(expect.not.stringContaining("hunter2") as string);
});

test("the description of a job has no URL and no secret, except for the engine of this machine", () => {
  const onEnd = { webhooks: ["https://example.com/xyzzy"], secret: SECRET };
  const job = defineJob({ name: "job", input: range(1), process: (n) => n, onEnd });
  const described = JSON.stringify(describeJob(job));
  expect(described).not.toContain("xyzzy");
  expect(described).not.toContain(SECRET);
  expect(describeJob(job, { secrets: true }).onEnd).toEqual({ ...onEnd, privateWebhooks: false });
});
