/** Types of JSON values, and of objects that come from outside. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

/** An object whose properties are not checked yet. */
export type UnknownObject = { readonly [name: string]: unknown };

/** Whether a value is an object, and not an array. */
export function isObject(value: Json | undefined): value is JsonObject;
export function isObject(value: unknown): value is UnknownObject;
export function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
