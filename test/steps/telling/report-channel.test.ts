/** Which ends of batches have a report made, and what it costs to know that. */
import { expect, test } from "vitest";
import type { Fields } from "../../../src/core/records/record.ts";
import type { Message } from "../../../src/core/records/message.ts";
import type { Ports } from "../../../src/ports.ts";
import { reportChannel } from "../../../src/steps/telling/report-channel.ts";

/** Tells of one end: the messages that are sent for it, and how many records are read. */
async function told(
  data: { readonly seconds: number; readonly generation: number },
  record: Fields | null = null,
): Promise<{ readonly sent: readonly Message[]; readonly reads: number }> {
  const sent: Message[] = [];
  let reads = 0;
  const ports = {
    ledger: { read: async (keys: readonly string[]) => keys.map(() => (reads++, record)) },
    queue: {
      async send(queue, messages) {
        expect(queue).toBe("coordinator");
        sent.push(...messages);
      },
    },
  } as Pick<Ports, "ledger" | "queue">;
  const news = { id: "msg_01A_0", data: { batch: "01A", ...data }, body: "" };
  expect(await reportChannel(ports, "01A").tell(news)).toBe("told");
  return { sent, reads };
}

const ASKED = [{ kind: "report", batch: "01A" }];

test("ten seconds have a report made, and nothing is read for it", async () => {
  expect(await told({ seconds: 10, generation: 0 })).toEqual({ sent: ASKED, reads: 0 });
  expect(await told({ seconds: 70, generation: 2 })).toEqual({ sent: ASKED, reads: 0 });
});

test("a shorter batch costs neither a message nor a read", async () => {
  expect(await told({ seconds: 9.9, generation: 0 }, { report: 0 })).toEqual({ sent: [], reads: 0 });
});

test("a shorter redrive costs a read, and a message where it has a report to replace", async () => {
  expect(await told({ seconds: 1, generation: 1 }, { report: 0 })).toEqual({ sent: ASKED, reads: 1 });
  expect(await told({ seconds: 1, generation: 1 }, {})).toEqual({ sent: [], reads: 1 });
  expect(await told({ seconds: 1, generation: 1 })).toEqual({ sent: [], reads: 1 });
});
