import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as door from "../../src/index.ts";
import { JOIN_NAMES, joinsOf } from "../../src/joins/typed-joins.ts";

const DOOR = readFileSync(new URL("../../src/index.ts", import.meta.url), "utf8");

test("every join of the public door is a typed join, and the same function", () => {
  const lists = DOOR.matchAll(/^export \{([^}]*)\} from "\.\/joins\//gm);
  const names = [...lists].flatMap(([, list = ""]) => list.split(",").map((name) => name.trim()));
  expect(names.length).toBeGreaterThan(7);
  expect(JOIN_NAMES.toSorted()).toEqual(names.filter(Boolean).toSorted());
  const joins: object = joinsOf<number>();
  for (const name of JOIN_NAMES) expect(Reflect.get(joins, name)).toBe(Reflect.get(door, name));
});

test("no job can change the joins of another one", () => {
  expect(Object.isFrozen(joinsOf())).toBe(true);
});
