/**
 * Puts nested values together from the entries of their leaves, row by row.
 * The algorithm of "Dremel: Interactive Analysis of Web-Scale Datasets" (Melnik et al., VLDB 2010).
 */
import { Damage } from "../unpack/damage.ts";
import type { DataPagePlace } from "./pages/column-pages.ts";
import type { ColumnPage } from "./pages/page.ts";
import type { Field, Form, Leaf } from "./schema.ts";
import { Unfit } from "./values.ts";

/** Walks over the entries of one leaf. */
class Cursor {
  readonly #leaf: Leaf;
  #page: ColumnPage | null;
  #entry: number;
  #value: number;

  constructor(leaf: Leaf, { page, entry, value }: DataPagePlace) {
    this.#leaf = leaf;
    this.#page = page;
    this.#entry = entry;
    this.#value = value;
  }

  get def(): number {
    if (this.#page === null) throw new Damage("its columns do not have the same rows");
    return this.#page.def?.[this.#entry] ?? this.#leaf.maxDef;
  }

  /** Behind the last entry, a row begins. */
  get rep(): number {
    return this.#page?.rep?.[this.#entry] ?? 0;
  }

  /** Takes the entry; `undefined` for a null of any kind. */
  take(): unknown {
    const page = this.#page;
    if (page === null) throw new Damage("its columns do not have the same rows");
    const isThere = page.def === null || page.def[this.#entry] === this.#leaf.maxDef;
    const value = isThere ? page.values[this.#value++] : undefined;
    if (++this.#entry === page.entries) {
      this.#page = page.next;
      this.#entry = 0;
      this.#value = 0;
    }
    return value;
  }
}

export interface LeafPlace {
  readonly leaf: Leaf;
  readonly place: DataPagePlace;
}

export class Assembler {
  readonly #field: Field;
  readonly #cursors: readonly Cursor[];
  /** The first value of the row that cannot be an item's. */
  #unfit: Unfit | null = null;

  /** `begin`: where the next row begins in each of the field's leaves, in order. */
  constructor(field: Field, begin: readonly LeafPlace[]) {
    this.#field = field;
    this.#cursors = begin.map(({ leaf, place }) => new Cursor(leaf, place));
  }

  /** The field's value in the next row. Throws `Damage` if its leaves do not fit together. */
  row(): unknown {
    this.#unfit = null;
    const value = this.#value(this.#field);
    if (this.#cursors.some(({ rep }) => rep !== 0)) throw new Damage("its columns do not fit together");
    return this.#unfit ?? value;
  }

  #cursor({ first }: Field): Cursor {
    const cursor = this.#cursors[first - this.#field.first];
    if (cursor === undefined) throw new Damage("a group without columns has no rows");
    return cursor;
  }

  #value(field: Field): unknown {
    if (field.repeated) return this.#elements(field, () => this.#content(field.form));
    if (field.optional && this.#cursor(field).def < field.def) {
      this.#passNull(field);
      return null;
    }
    return this.#content(field.form);
  }

  /** One entry in each leaf stands for a null, or for an empty list. */
  #passNull({ first, end }: Field): void {
    for (let leaf = first; leaf < end; leaf++) this.#cursors[leaf - this.#field.first]?.take();
  }

  #elements(repeated: Field, element: () => unknown): unknown[] {
    const cursor = this.#cursor(repeated);
    if (cursor.def < repeated.def) {
      this.#passNull(repeated);
      return [];
    }
    const elements: unknown[] = [];
    do elements.push(element());
    while (cursor.rep === repeated.rep);
    return elements;
  }

  #content(form: Form): unknown {
    switch (form.kind) {
      case "leaf":
        return this.#leaf(form.leaf);
      case "group":
        return this.#group(form.fields);
      case "list": {
        const { repeated, item } = form;
        return this.#elements(repeated, () => (item ? this.#value(item) : this.#content(repeated.form)));
      }
      case "map":
        return this.#map(form);
    }
  }

  #leaf({ column }: Leaf): unknown {
    const value = this.#cursors[column - this.#field.first]?.take() ?? null;
    if (!(value instanceof Unfit)) return value;
    this.#unfit ??= value;
    return null;
  }

  #group(fields: readonly Field[]): object {
    const group = {};
    for (const field of fields) put(group, field.name, this.#value(field));
    return group;
  }

  /** An object if its keys are text, else pairs. Of equal keys the last one counts. */
  #map({ repeated, key, value, named }: Extract<Form, { readonly kind: "map" }>): unknown {
    const entries = this.#elements(repeated, () => [this.#value(key), value ? this.#value(value) : null]);
    if (!named) return entries;
    const map = {};
    for (const [name, one] of entries as [unknown, unknown][]) put(map, String(name), one);
    return map;
  }
}

/** Sets a property of any name: an assignment to `__proto__` would set the prototype. */
function put(object: object, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  } else (object as { [name: string]: unknown })[name] = value;
}
