/** Requests of the page to the server that it comes from. A cookie that scripts cannot read lets them in. */
import { isObject } from "../../core/json/json.ts";
import type { Json } from "../../core/json/json.ts";

/** An answer that refuses, in the words of the API. */
export class Refusal extends Error {
  /** `0`: there was no answer. */
  readonly status: number;
  readonly code: string | null;

  constructor(status: number, message: string, code: string | null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const USED_UP = "This address has been used up. Open the one that fanjoin prints, again.";

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await answered(path, { headers: { accept: "application/json" }, signal: signal ?? null })) as T;
}

export async function post<T>(path: string, body?: Json): Promise<T> {
  const json =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return (await answered(path, { method: "POST", ...json })) as T;
}

/** A text that is not JSON, such as a result before its type is known. */
export async function getText(path: string): Promise<string> {
  return (await requested(path, { headers: { accept: "application/json, */*" } })).text();
}

async function answered(path: string, init: RequestInit): Promise<unknown> {
  const response = await requested(path, init);
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

async function requested(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    throw new Refusal(0, error instanceof Error ? error.message : String(error), null);
  }
  if (response.ok) return response;
  throw await refusalOf(response);
}

async function refusalOf(response: Response): Promise<Refusal> {
  if (response.status === 401) return new Refusal(401, USED_UP, null);
  const problem: unknown = await response.json().catch(() => null);
  const { detail, title, code } = isObject(problem) ? problem : {};
  const words = [detail, title].find((one) => typeof one === "string" && one !== "");
  const message = typeof words === "string" ? words : `the server answered ${response.status}`;
  return new Refusal(response.status, message, typeof code === "string" ? code : null);
}

export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(0, error instanceof Error ? error.message : String(error), null);
}

/** `batches/…` with its parts escaped. */
export function address(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join("/")}`;
}
