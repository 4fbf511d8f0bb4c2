/** Compares requests and answers with the OpenAPI description. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import type { ApiResponse } from "../../../src/api/http.ts";
import { openApiDocument } from "../../../src/api/openapi/openapi.ts";

type Described = { readonly [name: string]: Described | undefined };

const description = openApiDocument("https://api.example") as unknown as Described;

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: "openapi", ...description });

const pointer = (...names: string[]): string =>
  `openapi#/${names.map((name) => name.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;

function validator(...names: string[]): ValidateFunction {
  const found = ajv.getSchema(pointer(...names));
  if (!found) throw new Error(`there is no ${pointer(...names)}`);
  return found;
}

/** The path of the description that matches a request; `null` if there is none. */
export function describedPath(path: string): string | null {
  const matching = Object.keys(description["paths"] ?? {}).filter((template) =>
    new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  return matching[0] ?? null;
}

/** Throws if the description does not allow this answer to this request. */
export function checkAnswer(asked: string, path: string, { status, headers, body }: ApiResponse): void {
  // A HEAD is answered as its GET; the host leaves out the body.
  const method = asked === "HEAD" ? "GET" : asked;
  const template = describedPath(path);
  const on = template === null ? undefined : description["paths"]?.[template];
  const operation = on?.[method.toLowerCase()];
  if (template === null || !operation) {
    if (status === 404 || status === 405 || status === 400) return;
    throw new Error(`${method} ${path} is not described and was answered with ${status}`);
  }
  const response = operation["responses"]?.[status];
  if (!response) throw new Error(`${method} ${template} is not described to answer with ${status}: ${body}`);
  for (const [name, header] of Object.entries(response["headers"] ?? {})) {
    const isOptional: unknown = header?.["required"];
    if (headers[name] === undefined && isOptional !== false)
      throw new Error(`${method} ${template} ${status} has no ${name}`);
  }
  const type = headers["content-type"];
  if (type === undefined) return;
  const names = [
    "paths",
    template,
    method.toLowerCase(),
    "responses",
    String(status),
    "content",
    type,
    "schema",
  ];
  const value: unknown = type.endsWith("json") ? JSON.parse(body) : body;
  const validate = validator(...names);
  if (!validate(value)) throw new Error(`${method} ${path}: ${ajv.errorsText(validate.errors)}: ${body}`);
}

/** Whether the description allows this body. */
export function takesBody(schema: string, body: unknown): boolean {
  return validator("components", "schemas", schema)(body);
}
