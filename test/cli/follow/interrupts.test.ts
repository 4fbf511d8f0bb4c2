import { afterEach, expect, test, vi } from "vitest";
import { listenForInterrupts } from "../../../src/cli/follow/interrupts.ts";

afterEach(() => {
  vi.restoreAllMocks();
  process.removeAllListeners("SIGINT");
});

function exits(): unknown[] {
  const codes: unknown[] = [];
  vi.spyOn(process, "exit").mockImplementation((code) => {
    codes.push(code);
    return undefined as never;
  });
  return codes;
}

test("the second signal ends the process with 130, even after what was interrupted has stopped", async () => {
  const codes = exits();
  {
    using interrupts = listenForInterrupts();
    process.emit("SIGINT");
    expect(await interrupts.first).toBe("interrupted");
    expect(codes).toEqual([]);
  }
  process.emit("SIGINT");
  expect(codes).toEqual([130]);
});

test("listeners for the second signal do not pile up", async () => {
  exits();
  const before = process.listenerCount("SIGINT");
  for (let round = 0; round < 3; round++) {
    using interrupts = listenForInterrupts();
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    process.emit("SIGINT");
    expect(await interrupts.first).toBe("interrupted");
  }
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
});

test("nothing listens any more after work that was not interrupted", () => {
  const before = process.listenerCount("SIGINT");
  {
    using _ = listenForInterrupts();
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
  }
  expect(process.listenerCount("SIGINT")).toBe(before);
});
