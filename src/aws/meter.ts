/**
 * Counts what an invocation costs: its time, the requests of the SDK's clients, and the units that DynamoDB
 * says it has consumed. Not counted: what is spent after the last settle of an attempt, attempts that died,
 * polls of empty queues, logs and storage.
 */
import { AWS_PRICES } from "../core/stack/prices.ts";
import type { Spent } from "../core/records/batch/bounds/spent.ts";
import type { Clock, Meter } from "../ports.ts";

/** The part of the SDK's clients to which middlewares are added. */
interface Metered {
  readonly middlewareStack: {
    add(
      middleware: Middleware,
      options: { readonly step: "initialize"; readonly name: string; readonly override: boolean },
    ): void;
  };
}
type Middleware = <Args extends { input: unknown }, Result extends { output: unknown }>(
  next: (args: Args) => Promise<Result>,
  context: { readonly commandName?: string },
) => (args: Args) => Promise<Result>;

export interface AwsMeter extends Meter {
  /** An invocation begins. `polled`: a queue delivered what it is for, which is received and deleted. */
  begin(options: { readonly polled: boolean }): void;
  /** Counts the requests of this client, without repeats by the SDK. Returns the client. */
  watch<Client>(client: Client): Client;
}

/** A receive that returned messages, and the delete of these. */
const REQUESTS_OF_POLL = 2;

export function createMeter(clock: Clock, memoryMb: number): AwsMeter {
  let fees = 0;
  let since: number | null = null;
  let returned = 0;
  const middleware: Middleware =
    (next, { commandName = "" }) =>
    async (args) => {
      const isDynamo = /^(UpdateItem|BatchGetItem|Query)/.test(commandName);
      if (!isDynamo) {
        fees += feeOf(commandName);
        return next(args);
      }
      const write = commandName.startsWith("UpdateItem");
      const price = write ? AWS_PRICES.dynamoWrite : AWS_PRICES.dynamoRead;
      try {
        const input = { ...(args.input as object), ReturnConsumedCapacity: "TOTAL" };
        const result = await next({ ...args, input });
        fees += unitsIn(result.output) * price;
        return result;
      } catch (error) {
        // A refused update is charged, and does not say what.
        if (write) fees += price;
        throw error;
      }
    };
  return {
    begin({ polled }) {
      since = clock.now();
      fees += AWS_PRICES.lambdaRequest + (polled ? REQUESTS_OF_POLL * AWS_PRICES.sqsRequest : 0);
    },
    watch(client) {
      (client as Metered).middlewareStack.add(middleware, {
        step: "initialize",
        name: "meter",
        override: true,
      });
      return client;
    },
    take(): Spent {
      const now = clock.now();
      const mbs = returned + (since === null ? 0 : Math.round(((now - since) * memoryMb) / 1000));
      const nano = Math.round(fees * 1e9);
      since = since === null ? null : now;
      fees = 0;
      returned = 0;
      return { ...(mbs > 0 ? { mbs } : {}), ...(nano > 0 ? { fees: nano } : {}) };
    },
    giveBack(spent) {
      returned += spent.mbs ?? 0;
      fees += (spent.fees ?? 0) / 1e9;
    },
  };
}

/** In dollars. An invoke is counted where it arrives. */
function feeOf(command: string): number {
  if (command.startsWith("SendMessage")) return AWS_PRICES.sqsRequest;
  if (command.startsWith("Invoke")) return 0;
  if (/^(Put|Create|Upload|Complete|Copy|List)/.test(command)) return AWS_PRICES.s3Put;
  return command.startsWith("Delete") ? 0 : AWS_PRICES.s3Get;
}

function unitsIn(output: unknown): number {
  const { ConsumedCapacity: consumed } = output as { readonly ConsumedCapacity?: unknown };
  const all: readonly unknown[] = Array.isArray(consumed) ? consumed : [consumed];
  return all.reduce<number>(
    (sum, one) => sum + ((one as { readonly CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0),
    0,
  );
}
