/**
 * Runs once a minute: ends batches at their deadline, and completes transitions whose process died before it
 * could finish them.
 */
import { sweeper } from "../src/steps/sweeper.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";

export function sweeperHandler({ ports }: Host): Handle<unknown, void> {
  return () => sweeper(ports);
}

export const handler = lambda("sweeper", sweeperHandler);
