/**
 * What API Gateway checks of a request's body before anything is invoked: that it is JSON, and of the right
 * shape. Everything else the API function checks itself, because it can say what is wrong.
 */
import { JsonSchemaType, JsonSchemaVersion } from "aws-cdk-lib/aws-apigateway";
import type { JsonSchema } from "aws-cdk-lib/aws-apigateway";

export type ModelName = "NewBatch" | "NewUpload";

const orNull = (type: JsonSchemaType): JsonSchema => ({ type: [type, JsonSchemaType.NULL] });

/** By their names in the OpenAPI description that the API serves; a test holds them to it. */
export const MODELS = {
  NewBatch: {
    schema: JsonSchemaVersion.DRAFT4,
    type: JsonSchemaType.OBJECT,
    properties: {
      input: orNull(JsonSchemaType.OBJECT),
      id: orNull(JsonSchemaType.STRING),
      chunk: orNull(JsonSchemaType.OBJECT),
    },
  },
  NewUpload: {
    schema: JsonSchemaVersion.DRAFT4,
    type: JsonSchemaType.OBJECT,
    properties: {
      name: { type: JsonSchemaType.STRING, minLength: 1 },
      start: { type: JsonSchemaType.BOOLEAN },
    },
    required: ["name"],
  },
} satisfies { [Name in ModelName]: JsonSchema };
