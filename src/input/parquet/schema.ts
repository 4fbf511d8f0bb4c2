/** The columns of a Parquet file as a tree: how nested values are put together, and what the leaves hold. */
import { Damage } from "../unpack/damage.ts";
import type { Struct } from "./thrift.ts";
import { converterOf } from "./values.ts";
import type { Convert } from "./values.ts";

/** A column of values, and how their text becomes JSON. */
export interface Leaf {
  /** Its number among all leaves of the file. */
  readonly column: number;
  /** By the numbers of `Type` in parquet.thrift. */
  readonly type: number;
  /** Of values with a fixed length, in bytes. */
  readonly typeLength: number;
  /** The levels of a value that is there. https://parquet.apache.org/docs/file-format/nestedencoding/ */
  readonly maxDef: number;
  readonly maxRep: number;
  /** It is a top-level field, and not repeated. */
  readonly flat: boolean;
  readonly convert: Convert;
}

/** A field of the schema. Its leaves are those from number `first` up to `end` (exclusive) of the file. */
export interface Field {
  readonly name: string;
  /** The definition level from which on it is there. */
  readonly def: number;
  readonly rep: number;
  readonly optional: boolean;
  readonly repeated: boolean;
  readonly first: number;
  readonly end: number;
  readonly form: Form;
}

export type Form =
  | { readonly kind: "leaf"; readonly leaf: Leaf }
  | { readonly kind: "group"; readonly fields: readonly Field[] }
  /** `item: null`: the elements are what `repeated` holds itself. */
  | { readonly kind: "list"; readonly repeated: Field; readonly item: Field | null }
  /** `named`: the keys are text, so that the map is an object. */
  | {
      readonly kind: "map";
      readonly repeated: Field;
      readonly key: Field;
      readonly value: Field | null;
      readonly named: boolean;
    };

/** A schema element of the footer. */
export interface Element {
  readonly name: string;
  readonly type: number | null;
  readonly typeLength: number;
  readonly repetition: number;
  readonly children: number;
  readonly converted: number | null;
  readonly scale: number;
  /** The number of the logical type, and its own fields; `null`: none. */
  readonly logical: { readonly id: number; readonly fields: Struct } | null;
}

const OPTIONAL = 1;
const REPEATED = 2;
const LOGICAL = { map: 2, list: 3 } as const;
const CONVERTED = { map: 1, mapKeyValue: 2, list: 3 } as const;

/** More would not fit into the levels' bytes, and nobody nests so deep. */
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 100_000;

/** The top-level fields. Throws `Damage`. */
export function fieldsOf(schema: readonly Struct[]): readonly Field[] {
  if (schema.length > MAX_ELEMENTS) {
    throw new Damage(`its schema has ${schema.length} elements, the limit is ${MAX_ELEMENTS}`);
  }
  const [root, ...elements] = schema.map(elementOf);
  if (root === undefined) throw new Damage("its schema is empty");
  const builder = new TreeBuilder(elements);
  const fields = builder.children(root.children, { def: 0, rep: 0, depth: 0 });
  if (!builder.isAtEnd) throw new Damage("its schema is damaged: it has more elements than its tree");
  return fields;
}

function elementOf(element: Struct): Element {
  const [, type, typeLength, repetition, name, children, converted, scale, , , logical] = element;
  const fields = Array.isArray(logical) ? (logical as Struct) : [];
  const id = fields.findIndex((field) => field !== undefined);
  return {
    name: name instanceof Buffer ? name.toString("utf8") : "",
    type: typeof type === "number" ? type : null,
    typeLength: typeof typeLength === "number" ? typeLength : 0,
    repetition: typeof repetition === "number" ? repetition : 0,
    children: typeof children === "number" ? children : 0,
    converted: typeof converted === "number" ? converted : null,
    scale: typeof scale === "number" ? scale : 0,
    logical: id < 0 ? null : { id, fields: fields[id] as Struct },
  };
}

interface Level {
  readonly def: number;
  readonly rep: number;
  readonly depth: number;
}

/** Walks over the elements in depth-first order. */
class TreeBuilder {
  readonly #elements: readonly Element[];
  #next = 0;
  #leaves = 0;

  constructor(elements: readonly Element[]) {
    this.#elements = elements;
  }

  get isAtEnd(): boolean {
    return this.#next === this.#elements.length;
  }

  children(count: number, level: Level): Field[] {
    const fields: Field[] = [];
    for (let at = 0; at < count; at++) fields.push(this.#field(level));
    return fields;
  }

  #field(above: Level): Field {
    const element = this.#elements[this.#next++];
    if (element === undefined) throw new Damage("its schema is damaged: it ends within its tree");
    if (above.depth > MAX_DEPTH) throw new Damage("its schema is nested too deeply");
    const { name, repetition } = element;
    const repeated = repetition === REPEATED;
    const optional = repetition === OPTIONAL;
    const def = above.def + (repeated || optional ? 1 : 0);
    const rep = above.rep + (repeated ? 1 : 0);
    const first = this.#leaves;
    const form = this.#form(element, { def, rep, depth: above.depth + 1 });
    return { name, def, rep, optional, repeated, first, end: this.#leaves, form };
  }

  #form(element: Element, level: Level): Form {
    const { type, typeLength, children } = element;
    if (children === 0 && type !== null) {
      const column = this.#leaves++;
      const { def: maxDef, rep: maxRep } = level;
      const flat = level.depth === 1 && maxRep === 0;
      const convert = converterOf(element);
      return { kind: "leaf", leaf: { column, type, typeLength, maxDef, maxRep, flat, convert } };
    }
    const fields = this.children(children, level);
    const [repeated] = fields;
    if (fields.length !== 1 || repeated?.repeated !== true) return { kind: "group", fields };
    return mapForm(element, repeated) ?? listForm(element, repeated) ?? { kind: "group", fields };
  }
}

function mapForm({ converted, logical }: Element, repeated: Field): Form | null {
  const isMap =
    logical?.id === LOGICAL.map || converted === CONVERTED.map || converted === CONVERTED.mapKeyValue;
  if (!isMap || repeated.form.kind !== "group") return null;
  const [key, value = null, ...others] = repeated.form.fields;
  if (key === undefined || key.repeated || others.length > 0) return null;
  return { kind: "map", repeated, key, value, named: isText(key) };
}

function isText({ form }: Field): boolean {
  return form.kind === "leaf" && form.leaf.convert.isText;
}

/**
 * Older writers left out the level between list and element. The rules are those of
 * https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#backward-compatibility-rules
 */
function listForm({ name, converted, logical }: Element, repeated: Field): Form | null {
  if (logical?.id !== LOGICAL.list && converted !== CONVERTED.list) return null;
  const { form } = repeated;
  const [item = null] = form.kind === "group" ? form.fields : [];
  const isElement =
    form.kind !== "group" ||
    form.fields.length !== 1 ||
    repeated.name === "array" ||
    repeated.name === `${name}_tuple`;
  return { kind: "list", repeated, item: isElement ? null : item };
}
