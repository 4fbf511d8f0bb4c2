/**
 * The part of DynamoDB that the ledger uses, with the capacity that DynamoDB would charge:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import { isDeepStrictEqual } from "node:util";
import type {
  AttributeValue,
  BatchGetItemInput,
  BatchGetItemOutput,
  QueryInput,
  QueryOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from "@aws-sdk/client-dynamodb";
import { jsonEndpoint, ServiceError } from "./endpoint.ts";

type Item = { [name: string]: AttributeValue };

/** The cost of one request. */
export interface Charge {
  readonly action: string;
  /** The key that was written, or the first key that was read. */
  readonly key: string;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly refused: boolean;
}

export interface MemoryDynamo {
  readonly items: Map<string, Item>;
  /** The options of a client that talks to this fake. */
  readonly client: ReturnType<typeof jsonEndpoint>;
}

const KEY = "pk";
const MAX_ITEM_BYTES = 400 * 1024;
/** Sparse indexes of keys only. Each has the name of its partition attribute. */
const INDEXES = ["listed", "open"];

export function memoryDynamo(charge: (charge: Charge) => void = () => undefined): MemoryDynamo {
  const items = new Map<string, Item>();

  function update(input: UpdateItemInput): UpdateItemOutput {
    const key = input.Key?.[KEY]?.S ?? "";
    const old = items.get(key) ?? null;
    const words = wordsOf(input);
    const cost = (item: Item | null, refused: boolean): void => {
      const units = writeUnits(old, item) + (refused ? 0 : indexUnits(old, item));
      charge({ action: "UpdateItem", key, writeUnits: units, readUnits: 0, refused });
    };
    if (!holds(input.ConditionExpression, old ?? {}, words)) {
      cost(null, true);
      const Item = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && old ? { Item: old } : {};
      throw new ServiceError("ConditionalCheckFailedException", "The conditional request failed", Item);
    }
    const item = applied(input.UpdateExpression ?? "", old ?? { [KEY]: { S: key } }, words);
    if (sizeOf(item) > MAX_ITEM_BYTES) {
      throw new ServiceError(
        "ValidationException",
        "Item size to update has exceeded the maximum allowed size",
      );
    }
    cost(item, false);
    items.set(key, item);
    const CapacityUnits = writeUnits(old, item) + indexUnits(old, item);
    return {
      Attributes: item,
      ...(input.ReturnConsumedCapacity ? { ConsumedCapacity: { CapacityUnits } } : {}),
    };
  }

  function batchGet({ RequestItems = {}, ReturnConsumedCapacity }: BatchGetItemInput): BatchGetItemOutput {
    const [[table, { Keys = [], ConsistentRead = false }] = ["", {}]] = Object.entries(RequestItems);
    const keys = Keys.map((one) => one[KEY]?.S ?? "");
    if (new Set(keys).size < keys.length || keys.length === 0 || keys.length > 100) {
      throw new ServiceError(
        "ValidationException",
        "Provided list of item keys contains duplicates, or none, or too many",
      );
    }
    const found = keys.map((key) => items.get(key));
    const readUnits = found.reduce(
      (sum, item) => sum + readUnitsOf(item ? sizeOf(item) : 0, ConsistentRead),
      0,
    );
    charge({ action: "BatchGetItem", key: keys[0] ?? "", writeUnits: 0, readUnits, refused: false });
    const consumed = ReturnConsumedCapacity ? { ConsumedCapacity: [{ CapacityUnits: readUnits }] } : {};
    const Responses = { [table]: found.filter((item) => item !== undefined) };
    return { Responses, UnprocessedKeys: {}, ...consumed };
  }

  function query(input: QueryInput): QueryOutput {
    const index = input.IndexName ?? "";
    const value = (name: string): string => input.ExpressionAttributeValues?.[name]?.S ?? "";
    const order = input.ScanIndexForward === false ? -1 : 1;
    const after = input.ExclusiveStartKey?.[KEY]?.S;
    const all = [...items]
      .filter(
        ([key, item]) =>
          item[index]?.S === value(":p") && inOrder(value(":from"), key) && inOrder(key, value(":to")),
      )
      .toSorted(([a], [b]) => order * byBytes(a, b))
      .filter(([key]) => after === undefined || order * byBytes(key, after) > 0);
    const page = all.slice(0, input.Limit);
    const Items = page.map(([key, item]) => ({ [KEY]: { S: key }, [index]: item[index] ?? { S: "" } }));
    const bytes = Items.reduce((sum, item) => sum + sizeOf(item), 0);
    charge({
      action: "Query",
      key: value(":from"),
      writeUnits: 0,
      readUnits: readUnitsOf(bytes, false),
      refused: false,
    });
    const last = page.length < all.length ? Items.at(-1) : undefined;
    const CapacityUnits = readUnitsOf(bytes, false);
    const consumed = input.ReturnConsumedCapacity ? { ConsumedCapacity: { CapacityUnits } } : {};
    return { Items, ...(last ? { LastEvaluatedKey: last } : {}), ...consumed };
  }

  const actions = { UpdateItem: update, BatchGetItem: batchGet, Query: query } as {
    readonly [action: string]: ((input: never) => object) | undefined;
  };
  const client = jsonEndpoint((action, input) => {
    const known = actions[action];
    if (!known) throw new ServiceError("UnknownOperationException", action);
    return known(input);
  });
  return { items, client };
}

interface Words {
  /** The attribute that a placeholder stands for. */
  readonly name: (word: string) => string;
  readonly value: (word: string) => AttributeValue;
}

function wordsOf(input: UpdateItemInput): Words {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
  const known = <T>(word: string, of: { [word: string]: T }): T => {
    const found = of[word];
    if (found === undefined) throw new ServiceError("ValidationException", `${word} is not defined`);
    return found;
  };
  return { name: (word) => known(word, names), value: (word) => known(word, values) };
}

/** Conditions joined by AND, as `src/aws/ledger/expression.ts` writes them. */
function holds(expression: string | undefined, item: Item, { name, value }: Words): boolean {
  const conditions = expression?.split(" AND ") ?? [];
  return conditions.every((condition) => {
    const [, wanted, word = ""] = /^attribute_(exists|not_exists)\((\S+)\)$/.exec(condition) ?? [];
    if (wanted !== undefined) return name(word) in item === (wanted === "exists");
    const [, equal, one = ""] = /^(\S+) = (\S+)$/.exec(condition) ?? [];
    if (equal !== undefined) return isDeepStrictEqual(item[name(equal)], value(one));
    const [, most, bound = ""] = /^(\S+) <= (\S+)$/.exec(condition) ?? [];
    if (most !== undefined) {
      const number = item[name(most)]?.N;
      return number !== undefined && Number(number) <= Number(value(bound).N);
    }
    const [, absent, least = ""] = /^\(attribute_not_exists\((\S+)\) OR \S+ > (\S+)\)$/.exec(condition) ?? [];
    if (absent === undefined)
      throw new ServiceError("ValidationException", `the fake does not know the condition ${condition}`);
    const found = item[name(absent)];
    return found === undefined || (found.N !== undefined && Number(found.N) > Number(value(least).N));
  });
}

function applied(expression: string, old: Item, { name, value }: Words): Item {
  const item = { ...old };
  for (const [, verb, list = ""] of expression.matchAll(
    /(SET|ADD|REMOVE) (.*?)(?= (?:SET|ADD|REMOVE) |$)/g,
  )) {
    for (const action of list.split(", ")) {
      const [word = "", other = "", last] = action.split(" ");
      if (verb === "SET") item[name(word)] = value(last ?? other);
      else if (verb === "REMOVE") delete item[name(word)];
      else item[name(word)] = { N: String(Number(item[name(word)]?.N ?? 0) + Number(value(other).N)) };
    }
  }
  return item;
}

function writeUnits(before: Item | null, after: Item | null): number {
  const bytes = Math.max(before ? sizeOf(before) : 0, after ? sizeOf(after) : 0);
  return Math.max(1, Math.ceil(bytes / 1024));
}

/** An index costs a write when an entry appears or disappears. Changes of other attributes cost nothing. */
function indexUnits(before: Item | null, after: Item | null): number {
  return INDEXES.filter((index) => !isDeepStrictEqual(before?.[index], after?.[index])).length;
}

function readUnitsOf(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function sizeOf(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + sizeOfValue(value);
  return bytes;
}

function sizeOfValue(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.M === undefined) return 1;
  // Three bytes for the map, and one for each of its entries.
  return 3 + Object.keys(value.M).length + sizeOf(value.M);
}

function inOrder(a: string, b: string): boolean {
  return byBytes(a, b) <= 0;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
