/** Translates a conditional update into DynamoDB's expressions. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Condition, Update } from "../../core/records/record.ts";
import { checkFieldName, KEY, toAttribute } from "./attributes.ts";

export interface Expressions {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** Attributes of the table that are written with every update. */
export type TableAttributes = Readonly<Record<string, AttributeValue>>;

/**
 * Every name becomes a placeholder, because many words are reserved (`count`, `state`, `ttl`) and the names
 * of children are digits.
 */
export function expressionsOf({ when, set, add, remove = [] }: Update, own: TableAttributes): Expressions {
  const names = placeholders<string>("#");
  const values = placeholders<AttributeValue>(":");
  const field = (name: string): string => {
    checkFieldName(name);
    return names.of(name, name);
  };
  const value = (content: Parameters<typeof toAttribute>[0]): string => {
    const attribute = toAttribute(content);
    return values.of(attribute, JSON.stringify(attribute));
  };
  const conditions = when.map((condition) =>
    conditionText(condition, { field, value, key: () => names.of(KEY, KEY) }),
  );
  const sets = [
    ...Object.entries(set).map(([name, content]) => `${field(name)} = ${value(content)}`),
    ...Object.entries(own).map(
      ([name, attribute]) => `${names.of(name, name)} = ${values.of(attribute, JSON.stringify(attribute))}`,
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

/** Placeholders for a field's name, for a value, and for the name of the table's key. */
interface ConditionPlaceholders {
  readonly field: (name: string) => string;
  readonly value: (content: string | number | boolean) => string;
  readonly key: () => string;
}

function conditionText(condition: Condition, { field, value, key }: ConditionPlaceholders): string {
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
    case "at-most":
      return `${field(condition.field)} <= ${value(condition.value)}`;
  }
}

/** Gives each distinct content a short name: the settle of a full leaf has hundreds of them. */
function placeholders<T>(prefix: string) {
  const known = new Map<string, { readonly name: string; readonly content: T }>();
  return {
    /** `identity` is equal for equal contents. */
    of(content: T, identity: string): string {
      const name = known.get(identity)?.name ?? `${prefix}${known.size.toString(36)}`;
      known.set(identity, { name, content });
      return name;
    },
    any: () => known.size > 0,
    all: (): Record<string, T> =>
      Object.fromEntries([...known.values()].map(({ name, content }) => [name, content])),
  };
}
