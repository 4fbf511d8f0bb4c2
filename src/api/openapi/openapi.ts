/** The OpenAPI 3.1 description of the API. Tests compare the routes and their answers with it. */
import { JSON_TYPE, PROBLEM_TYPE } from "../http.ts";
import { FILE_OPERATIONS } from "./file-operations.ts";
import { content } from "./operation-parts.ts";
import type { Described, Methods, Operation } from "./operation-parts.ts";
import { OPERATIONS } from "./operations.ts";
import { ref } from "./schema-parts.ts";
import { SCHEMAS } from "./schemas.ts";

const PROBLEMS: { readonly [status: number]: string } = {
  400: "The request is not valid; the detail says why.",
  403: "The input is in a bucket that this stack may not read.",
  404: "There is no such job, batch or result.",
  405: "The path does not allow this method.",
  409: "The state of the batch does not allow this, or the id was used for another input.",
  413: "The body is too large.",
  415: "The body is not JSON.",
  500: "Unexpected error; the log has the details.",
};

const INFO: Described = {
  title: "fanjoin",
  version: "1",
  description: "Fan a batch out over parallel workers and join the results exactly.",
  license: { name: "MIT", identifier: "MIT" },
};

/** The document for an API at the URL `base`. */
export function openApiDocument(base: string): Described {
  const paths = Object.entries({ ...OPERATIONS, ...FILE_OPERATIONS }).map(
    ([path, methods]) => [path, pathItem(path, methods)] as const,
  );
  return {
    openapi: "3.1.0",
    info: INFO,
    servers: [{ url: base }],
    paths: Object.fromEntries(paths),
    components: { schemas: SCHEMAS },
  };
}

function pathItem(path: string, methods: Methods): Described {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const parameters = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const operations = Object.entries(methods).map(
    ([method, definition]: [string, Operation]) => [method, operation(definition)] as const,
  );
  return { ...(names.length > 0 ? { parameters } : {}), ...Object.fromEntries(operations) };
}

function operation(definition: Operation): Described {
  const { id, summary, query = [], headers = [], body, answers, problems } = definition;
  const parameters = [...query, ...headers];
  const failed = [...problems, 500].map((status) => [
    status,
    content(PROBLEMS[status] ?? "", PROBLEM_TYPE, ref("Problem")),
  ]);
  return {
    operationId: id,
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: requestBody(body) } : {}),
    responses: { ...answers, ...(Object.fromEntries(failed) as Described) },
  };
}

function requestBody({ schema, optional }: NonNullable<Operation["body"]>): Described {
  return { required: !optional, content: { [JSON_TYPE]: { schema: ref(schema) } } };
}
