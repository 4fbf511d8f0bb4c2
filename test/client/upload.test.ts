/** Uploads by the real command to a server that is slow, breaks connections, or refuses. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test, vi } from "vitest";
import { nameToSend, sourcesToSend } from "../../src/client/upload/resolve-inputs.ts";
import { uploadDisplay } from "../../src/cli/display/progress/upload-display.ts";
import { lineJob } from "../steps/jobs.ts";
import { workspace } from "../cli/command.ts";
import { TELLING_PEAK, peakOf } from "../memory-use/telling-peak.ts";
import { deploy } from "./deployed.ts";

/** A sparse file: only its first bytes take space on the disk. */
function writeLarge(path: string, bytes: number): void {
  const file = openSync(path, "w");
  writeSync(file, "a line\n");
  ftruncateSync(file, bytes);
  closeSync(file);
}

function overwrite(path: string, position: number): void {
  const file = openSync(path, "r+");
  writeSync(file, "other", position);
  closeSync(file);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

test("a file of 300 MB is streamed: memory stays small, and every byte arrives", async () => {
  const deployed = await deploy(lineJob());
  deployed.held = true;
  const at = workspace({ ...deployed.env, ...TELLING_PEAK });
  writeLarge(join(at.path, "large"), 300_000_000);
  const { code, stderr } = await at.run("submit", "line-job", "large", "--endpoint", deployed.url);
  // The batch fails, because this server does not keep such large objects.
  expect(stderr).toContain("uploaded large, 300 MB\n");
  expect(code).toBe(2);
  const [uploaded] = deployed.uploads.values();
  const whole = createHash("sha256").update("a line\n");
  whole.update(Buffer.alloc(300_000_000 - "a line\n".length));
  expect(uploaded).toEqual({ bytes: 300_000_000, sha256: whole.digest("hex") });
  expect(peakOf(stderr)).toBeLessThan(220);
});

test("an interrupted upload starts again with a new signed URL", async () => {
  const deployed = await deploy(lineJob());
  deployed.receive = async (_, times) => times > 2;
  const at = workspace(deployed.env);
  at.write("a.txt", "1\n2\n");
  const { code, stderr } = await at.run("submit", "line-job", "a.txt", "--endpoint", deployed.url, "--wait");
  expect(stderr).toContain("uploaded a.txt, 4 B\n");
  expect(code).toBe(0);
  expect([...deployed.uploads.values()]).toEqual([{ bytes: 4, sha256: sha256("1\n2\n") }]);
  expect(deployed.seen.filter(({ path }) => path.endsWith("/uploads")).length).toBe(3);
});

test("an empty file is uploaded, and is a batch of no items", async () => {
  const deployed = await deploy(lineJob());
  const at = workspace(deployed.env);
  at.write("empty", "");
  const { code, summary } = await at.json(
    "submit",
    "line-job",
    "empty",
    "--endpoint",
    deployed.url,
    "--wait",
  );
  expect(summary).toMatchObject({ state: "succeeded", items: { total: 0 } });
  expect(code).toBe(0);
});

test("many small files are uploaded, several at once, and read in order", async () => {
  const deployed = await deploy(lineJob());
  const at = workspace(deployed.env);
  for (let n = 0; n < 30; n++) at.write(`in/${String(n).padStart(2, "0")}`, `${n}\n`);
  let open = 0;
  let most = 0;
  deployed.receive = async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 20));
    open--;
    return true;
  };
  const { summary } = await at.json("submit", "line-job", "in", "--endpoint", deployed.url, "--wait");
  const order = Array.from({ length: 30 }, (_, n) => `${n},`).join("");
  expect(summary.result?.value).toMatchObject({ order });
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("fanjoin-submit-"));
}

test("Ctrl-C during an upload starts nothing, and leaves nothing on this machine", async () => {
  const deployed = await deploy(lineJob());
  const begun = Promise.withResolvers<void>();
  deployed.receive = async () => {
    begun.resolve();
    return new Promise(() => {});
  };
  const at = workspace({ ...deployed.env, TMPDIR: undefined });
  const before = leftovers();
  writeLarge(join(at.path, "large"), 50_000_000);
  const running = at.start("submit", "line-job", "large", "--endpoint", deployed.url, "--wait");
  await begun.promise;
  running.child.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toBe("stopping… (press Ctrl-C again to stop at once)\ninterrupted: no batch was started\n");
  expect(stdout).toBe("");
  expect(code).toBe(130);
  expect(deployed.seen.some(({ path }) => path.endsWith("/batches"))).toBe(false);
  expect(leftovers()).toEqual(before);
});

test.for<[string, (path: string) => void]>([
  ["becomes shorter", (path) => truncateSync(path, 10)],
  ["gets other bytes", (path) => overwrite(path, 50_000_000)],
])("a file that %s during the upload is an error, and is not stored", async ([, change]) => {
  const deployed = await deploy(lineJob());
  const at = workspace(deployed.env);
  const file = join(at.path, "large");
  writeLarge(file, 100_000_000);
  deployed.receive = async () => {
    change(file);
    return true;
  };
  const { code, stderr } = await at.run("submit", "line-job", "large", "--endpoint", deployed.url);
  expect(stderr).toMatch(
    /^fanjoin: large changed during the upload: submit it again \[INPUT_CHANGED\]\nSee .+\n$/,
  );
  expect(code).toBe(2);
  expect(deployed.uploads.size).toBe(0);
});

test("upload names are valid for the API and close to the user's names", () => {
  expect(nameToSend("data/2026/a b.csv")).toBe("data/2026/a b.csv");
  expect(nameToSend("./x.csv")).toBe("x.csv");
  expect(nameToSend("/home/me/x.csv")).toBe("x.csv");
  expect(nameToSend("../other/x.csv")).toBe("x.csv");
  expect(nameToSend(".hidden/.x")).toBe("_hidden/_x");
  expect(nameToSend("a\u0000b\u2028c\\d")).toBe("a_b_c_d");
  const long = nameToSend(`${"ü".repeat(400)}/end.csv`);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(300);
  expect(long).toMatch(/_end\.csv$/);
});

test.for([
  [
    ["s3://bucket/a", "s3://bucket/b/"],
    "s3://bucket/b/ means all objects below it: it must be the only input",
  ],
  [["s3:///key"], "has no bucket"],
  [["no.csv"], "there is no file no.csv"],
] as const)("inputs %j are refused: %s", ([inputs, said]) => {
  expect(() => sourcesToSend(inputs)).toThrow(said);
});

test("a path that cannot be read is refused also for a job that reads whole files", () => {
  const at = workspace();
  at.write("in/a.txt", "a");
  symlinkSync("nowhere", join(at.path, "in/b.txt"));
  expect(() => sourcesToSend([join(at.path, "in")], { deep: true })).toThrow(/b\.txt is a link to nowhere/);
});

test("a bucket without a key means all its objects", () => {
  expect(sourcesToSend(["s3://bucket"])).toEqual(["s3://bucket/"]);
});

function displayed(isTTY: boolean) {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 80 });
  const files = [
    { label: "a.csv", bytes: 600 },
    { label: "b.csv", bytes: 400 },
  ];
  const display = uploadDisplay(files, false, stream as unknown as typeof process.stderr, {});
  return { display, written: () => String(stream.read() ?? "") };
}

test("on a terminal one line shows the progress of uploads, and is removed at the end", () => {
  const { display, written } = displayed(true);
  display.sent(500);
  const drawn = stripVTControlCharacters(written());
  expect(drawn).toMatch(/uploading ━+─+ 2 files {3}50 % {2}500 B of 1\.0 kB/);
  display.end(true);
  display.end(false);
  expect(written().endsWith("uploaded 2 files, 1.0 kB\n")).toBe(true);
});

test("without a terminal, a plain line shows the progress every five seconds", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const { display, written } = displayed(false);
    for (let n = 0; n < 10; n++) {
      vi.advanceTimersByTime(1000);
      display.sent(50);
    }
    display.end(false);
    expect(written()).toBe(
      "uploading 2 files:  25 %, 250 B of 1.0 kB\nuploading 2 files:  50 %, 500 B of 1.0 kB, 50 B/s, 10 s left\n",
    );
  } finally {
    vi.useRealTimers();
  }
});

test("a second Ctrl-C ends an upload that gets no answer", async () => {
  const deployed = await deploy(lineJob());
  const asked = Promise.withResolvers<void>();
  deployed.meddle = ({ path }) => {
    if (!path.endsWith("/batches")) return null;
    asked.resolve();
    return "be silent";
  };
  const at = workspace(deployed.env);
  at.write("a", "1\n");
  const running = at.start("submit", "line-job", "a", "--endpoint", deployed.url);
  await asked.promise;
  running.child.kill("SIGINT");
  await running.said(/stopping/);
  running.child.kill("SIGINT");
  const [code] = (await once(running.child, "exit")) as [number];
  expect(code).toBe(130);
});
