/** JSON values, and objects that were read from outside. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

/** An object of which nothing is known yet. */
export type UnknownObject = { readonly [name: string]: unknown };

/** An object that is not an array. */
export function isObject(value: Json | undefined): value is JsonObject;
export function isObject(value: unknown): value is UnknownObject;
export function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
