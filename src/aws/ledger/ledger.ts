/**
 * The ledger on DynamoDB: one item for each record, one UpdateItem for each update.
 *
 * The protocol continues from the reply of an update, or from the old item that comes with a refusal. It
 * needs no second request and no transaction.
 */
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBClient, QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Fields, Update, Updated } from "../../core/records/record.ts";
import type { Ledger } from "../../ports.ts";
import { allConcurrently } from "../concurrently.ts";
import { fromItem, KEY, keyOf, LISTED, TTL } from "./attributes.ts";
import type { Item } from "./attributes.ts";
import { expressionsOf } from "./expression.ts";
import { keyRange } from "./key-range.ts";
import type { KeyRange } from "./key-range.ts";
import { isRepeatable, withoutRepeat } from "./repeatable.ts";
import { fullJitter } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";

export interface DynamoLedgerOptions {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A record expires this many days after its last update. */
  readonly retentionDays: number;
  /** Which keys `list` finds; other records are only read by key. */
  readonly isListed?: (key: string) => boolean;
  readonly backoff?: Backoff;
}

/**
 * Keys in one BatchGetItem:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
const MAX_KEYS = 100;
/** Pages of keys that are read at once. */
const READS_AT_ONCE = 4;
/** After this many consecutive tries without an item, the read fails. */
const MAX_TRIES = 10;
/** The partition of every listed item in the indexes. */
const PARTITION = "batch";
const DAY_SECONDS = 86_400;

export function createDynamoLedger(options: DynamoLedgerOptions): Ledger {
  const { client, table, now, retentionDays, backoff = fullJitter } = options;
  const isListed = options.isListed ?? ((key) => key.startsWith("batch/"));

  const expiry = (): string => String(Math.floor(now() / 1000) + retentionDays * DAY_SECONDS);

  async function update(change: Update): Promise<Updated> {
    const own = { [TTL]: { N: expiry() }, ...(isListed(change.key) ? { [LISTED]: { S: PARTITION } } : {}) };
    const command = new UpdateItemCommand({
      TableName: table,
      Key: { [KEY]: { S: change.key } },
      ...expressionsOf(change, own),
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      const { Attributes = {} } = await client.send(isRepeatable(change) ? command : withoutRepeat(command));
      return { applied: true, record: fromItem(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw tooLarge(change.key, error) ?? error;
      return { applied: false, record: error.Item ? fromItem(error.Item) : null };
    }
  }

  /** The items of one page of distinct keys. Keys that DynamoDB left unprocessed are requested again. */
  async function readPage(keys: readonly string[], stale: boolean): Promise<Item[]> {
    const items: Item[] = [];
    let left: Item[] = keys.map((key) => ({ [KEY]: { S: key } }));
    for (let tries = 0; left.length > 0; tries++) {
      if (tries >= MAX_TRIES)
        throw new Error(`DynamoDB left ${left.length} keys of ${table} unread ${tries} times`);
      if (tries > 0) await backoff(tries);
      const RequestItems = { [table]: { Keys: left, ConsistentRead: !stale } };
      const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems }));
      const found = Responses?.[table] ?? [];
      items.push(...found);
      left = UnprocessedKeys?.[table]?.Keys ?? [];
      // Large items come in several responses: with progress the tries begin anew.
      if (found.length > 0) tries = 0;
    }
    return items;
  }

  async function read(keys: readonly string[], { stale = false } = {}): Promise<(Fields | null)[]> {
    // A request may not contain a key twice.
    const distinct = pagesOf([...new Set(keys)], MAX_KEYS);
    const pages = await allConcurrently(distinct, READS_AT_ONCE, (page) => readPage(page, stale));
    const found = new Map(pages.flat().map((item) => [keyOf(item), fromItem(item)]));
    return keys.map((key) => found.get(key) ?? null);
  }

  /** Keys of one index within `range`, page by page. */
  async function* keysWithin(index: string, { from, to }: KeyRange, limit: number, descending: boolean) {
    let start: Item | undefined;
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: index,
          KeyConditionExpression: "#p = :p AND #k BETWEEN :from AND :to",
          ExpressionAttributeNames: { "#p": index, "#k": KEY },
          ExpressionAttributeValues: { ":p": { S: PARTITION }, ":from": { S: from }, ":to": { S: to } },
          ScanIndexForward: !descending,
          Limit: limit,
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      );
      yield (page.Items ?? []).map(keyOf);
      start = page.LastEvaluatedKey;
    } while (start);
  }

  return {
    update,
    read,
    async list(prefix, after, limit, { descending = false, having } = {}) {
      const range = keyRange(prefix, after, descending);
      const listed: { key: string; fields: Fields }[] = [];
      if (range === null || limit <= 0) return listed;
      // The bounds are inclusive but may not belong to the list.
      for await (const page of keysWithin(having ?? LISTED, range, limit + 1, descending)) {
        const keys = page.filter((key) => key !== after && key.startsWith(prefix));
        for (const [index, fields] of (await read(keys)).entries()) {
          const key = keys[index];
          // The index lags behind: the record may have been removed or closed since.
          if (
            key === undefined ||
            fields === null ||
            (having !== undefined && !Object.hasOwn(fields, having))
          )
            continue;
          listed.push({ key, fields });
          if (listed.length === limit) return listed;
        }
      }
      return listed;
    },
  };
}

/**
 * `INPUT_INVALID` for an item over DynamoDB's limit, because a retry cannot help; `null` for other errors.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
function tooLarge(key: string, error: unknown): FanjoinError | null {
  if (!(error instanceof Error) || !/^Item size .*has exceeded/.test(error.message)) return null;
  const message = `The record ${key} would exceed the 400 KB that DynamoDB allows: give the batch fewer inputs, or smaller parameters.`;
  return new FanjoinError("INPUT_INVALID", message, { cause: error });
}

function* pagesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
