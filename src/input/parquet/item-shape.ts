/** Makes items: objects with a property for each column. */

/** Makes item number `index` of `columns`, which has the values of each column. */
export type MakeItem = (columns: readonly ArrayLike<unknown>[], index: number) => object;

/** A function with more properties takes longer to compile than its items to make. */
const MAX_COMPILED = 500;

/** A compiled function that returns a literal is as fast as objects can be made (`csv/row-shape.ts`). */
export function shapeOf(names: readonly string[]): MakeItem {
  if (names.length > MAX_COMPILED) return (columns, index) => assigned(names, columns, index);
  const properties = names.map((name, column) => {
    const key = JSON.stringify(name);
    // Only in brackets it is a property: otherwise it would set the prototype.
    return `${name === "__proto__" ? `[${key}]` : key}: columns[${column}][index]`;
  });
  // oxlint-disable-next-line typescript/no-implied-eval -- the only text from outside is quoted
  return new Function("columns", "index", `return {${properties.join(", ")}};`) as MakeItem;
}

function assigned(names: readonly string[], columns: readonly ArrayLike<unknown>[], index: number): object {
  return Object.fromEntries(names.map((name, column) => [name, columns[column]?.[index]]));
}
