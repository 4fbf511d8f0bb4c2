/** A conditional update in the words of DynamoDB. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Condition, Update } from "../../core/records/record.ts";
import { KEY, refuseOwn, toAttribute } from "./attributes.ts";

export interface Expressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** What an update writes besides what it says: attributes of the table's own. */
export type Own = Readonly<Record<string, AttributeValue>>;

/**
 * Every name is a placeholder: many words are reserved (`count`, `state`, `ttl`), and names of children are
 * digits.
 */
export function expressionsOf({ when, set, add, remove = [] }: Update, own: Own): Expressions {
  const names = placeholders<string>("#");
  const values = placeholders<AttributeValue>(":");
  const field = (name: string): string => {
    refuseOwn(name);
    return names.of(name, name);
  };
  const value = (of: Parameters<typeof toAttribute>[0]): string => {
    const attribute = toAttribute(of);
    return values.of(attribute, JSON.stringify(attribute));
  };
  const conditions = when.map((condition) =>
    conditionText(condition, { field, value, key: () => names.of(KEY, KEY) }),
  );
  const sets = [
    ...Object.entries(set).map(([name, of]) => `${field(name)} = ${value(of)}`),
    ...Object.entries(own).map(
      ([name, of]) => `${names.of(name, name)} = ${values.of(of, JSON.stringify(of))}`,
    ),
  ];
  const clauses: [verb: string, parts: string[]][] = [
    ["SET", sets],
    ["ADD", Object.entries(add).map(([name, amount]) => `${field(name)} ${value(amount)}`)],
    ["REMOVE", remove.map(field)],
  ];
  return {
    UpdateExpression: clauses
      .filter(([, parts]) => parts.length > 0)
      .map(([verb, parts]) => `${verb} ${parts.join(", ")}`)
      .join(" "),
    ...(conditions.length > 0 ? { ConditionExpression: conditions.join(" AND ") } : {}),
    ExpressionAttributeNames: names.all(),
    ...(values.any() ? { ExpressionAttributeValues: values.all() } : {}),
  };
}

interface Words {
  readonly field: (name: string) => string;
  readonly value: (of: string | number | boolean) => string;
  readonly key: () => string;
}

function conditionText(condition: Condition, { field, value, key }: Words): string {
  switch (condition.is) {
    case "new":
      return `attribute_not_exists(${key()})`;
    case "existing":
      return `attribute_exists(${key()})`;
    case "absent":
      return `attribute_not_exists(${field(condition.field)})`;
    case "present":
      return `attribute_exists(${field(condition.field)})`;
    case "equal":
      return `${field(condition.field)} = ${value(condition.value)}`;
    case "absent-or-above": {
      const name = field(condition.field);
      return `(attribute_not_exists(${name}) OR ${name} > ${value(condition.value)})`;
    }
  }
}

/** Each different thing gets a short name of its own; a full leaf's settle has hundreds of them. */
function placeholders<T>(mark: string) {
  const known = new Map<string, { readonly word: string; readonly of: T }>();
  return {
    of(thing: T, same: string): string {
      const word = known.get(same)?.word ?? `${mark}${known.size.toString(36)}`;
      known.set(same, { word, of: thing });
      return word;
    },
    any: () => known.size > 0,
    all: (): Record<string, T> => Object.fromEntries([...known.values()].map(({ word, of }) => [word, of])),
  };
}
