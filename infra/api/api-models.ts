/**
 * The models with which API Gateway checks a request's body before it invokes a function: the body has to be
 * JSON of the right shape. The API function checks everything else, because it can say what is wrong.
 */
import { JsonSchemaType, JsonSchemaVersion } from "aws-cdk-lib/aws-apigateway";
import type { JsonSchema } from "aws-cdk-lib/aws-apigateway";

export type ModelName = "NewBatch" | "NewUpload";

const orNull = (type: JsonSchemaType): JsonSchema => ({ type: [type, JsonSchemaType.NULL] });

/** The keys are the names of the schemas in the API's OpenAPI description; a test compares the two. */
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
