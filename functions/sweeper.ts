/**
 * Once a minute: ends batches at their deadline, and finishes what somebody began and did not live to finish.
 */
import { sweeper } from "../src/steps/sweeper.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";

export function sweeperHandler({ ports }: Host): Handle<unknown, void> {
  return () => sweeper(ports);
}

export const handler = lambda("sweeper", sweeperHandler);
