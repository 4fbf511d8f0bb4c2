/** What API Gateway checks of a request's body before anything is invoked: its shape. Everything else is the API function's business. */
import { JsonSchemaType, JsonSchemaVersion } from "aws-cdk-lib/aws-apigateway";
import type { JsonSchema } from "aws-cdk-lib/aws-apigateway";

export type ModelName = "Submission" | "Upload";

const string: JsonSchema = { type: JsonSchemaType.STRING };

function object(properties: { [name: string]: JsonSchema }, required: string[]): JsonSchema {
  return { schema: JsonSchemaVersion.DRAFT4, type: JsonSchemaType.OBJECT, properties, required };
}

/** The bodies of requests, by name. A test holds them to the OpenAPI description that the API serves. */
export const MODELS = {
  Submission: object(
    {
      input: { type: JsonSchemaType.OBJECT },
      id: string,
    },
    [],
  ),
  Upload: object({ name: { ...string, minLength: 1 }, start: { type: JsonSchemaType.BOOLEAN } }, ["name"]),
} as const satisfies { [Name in ModelName]: JsonSchema };
