/** Sends again what nobody may be working on any more. */
import { runProtocol } from "../run-protocol.ts";
import type { Ports } from "../../ports.ts";
import { lostWork } from "./lost-work.ts";

/** Harmless where nothing is lost, but for messages and reads that are not needed. */
export async function recover(ports: Ports, batch: string): Promise<void> {
  await runProtocol(ports, { do: "recover", batch }, { lost: () => lostWork(ports.ledger, batch) });
}
