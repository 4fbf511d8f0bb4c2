import { describe, expect, test } from "vitest";
import { MODELS } from "../../../infra/api/api-models.ts";
import { ROUTES } from "../../../infra/api/api-routes.ts";
import { ERROR_CODES } from "../../../src/core/errors/errors.ts";
import { openApiDocument } from "../../../src/api/openapi/openapi.ts";
import { ROUTES as STEP_ROUTES } from "../../../src/api/routes.ts";
import { SCHEMAS } from "../../../src/api/openapi/schemas.ts";
import { fanjoinWith, onlyOf, resourcesOf, shown, templateOf } from "../synth.ts";
import type { Loose } from "../synth.ts";

const template = templateOf(fanjoinWith());

function methods(source = template) {
  return [...resourcesOf(source, "AWS::ApiGateway::Method").values()];
}

describe("routes", () => {
  test("API Gateway has exactly the routes that the API answers", () => {
    const named = (routes: readonly { method: string; path: string }[]): string[] =>
      routes.map(({ method, path }) => `${method} ${path}`).toSorted();
    expect(named(ROUTES)).toEqual(named(STEP_ROUTES));
    expect(methods()).toHaveLength(ROUTES.length);
  });

  test("all lead to the one api function", () => {
    const targets = methods().map((method) => shown(method["Integration"].Uri));
    expect(new Set(targets).size).toBe(1);
    expect(targets[0]).toContain("/functions/Api/invocations");
    expect(methods().every((method) => method["Integration"].Type === "AWS_PROXY")).toBe(true);
  });

  test("have the query parameters of the OpenAPI description", () => {
    const paths = openApiDocument("https://api.example")["paths"] as Loose;
    for (const { method, path, query = [] } of ROUTES) {
      const parameters = paths[path][method.toLowerCase()].parameters ?? [];
      const named = parameters.flatMap((one: Loose) => (one.in === "query" ? [one.name] : []));
      expect([...query].toSorted()).toEqual(named.toSorted());
    }
  });
});

describe("authorisation", () => {
  test("by default requests have to be signed", () => {
    expect(methods().map((method) => method["AuthorizationType"])).toEqual(ROUTES.map(() => "AWS_IAM"));
    expect(resourcesOf(template, "AWS::ApiGateway::ApiKey").size).toBe(0);
  });

  test("with apiKey every request has to carry the key, and a usage plan limits it", () => {
    const { stack } = fanjoinWith(() => ({ apiKey: true, requestsPerSecond: 7 }));
    const withKey = templateOf({ stack });
    expect(methods(withKey).every((method) => method["ApiKeyRequired"] === true)).toBe(true);
    expect(methods(withKey).every((method) => method["AuthorizationType"] === "NONE")).toBe(true);
    expect(onlyOf(withKey, "AWS::ApiGateway::UsagePlan")).toMatchObject({
      Throttle: { RateLimit: 7, BurstLimit: 14 },
    });
    expect(resourcesOf(withKey, "AWS::ApiGateway::UsagePlanKey").size).toBe(1);
    expect(withKey.findOutputs("FanjoinApiKeyId")).toHaveProperty("FanjoinApiKeyId");
  });
});

test("the endpoint accepts TLS from 1.2 on", () => {
  expect(onlyOf(template, "AWS::ApiGateway::RestApi")).toMatchObject({
    EndpointConfiguration: { Types: ["REGIONAL"] },
    SecurityPolicy: "TLS_1_2",
  });
});

describe("API Gateway checks", () => {
  test("bodies and parameters", () => {
    expect(onlyOf(template, "AWS::ApiGateway::RequestValidator")).toMatchObject({
      ValidateRequestBody: true,
      ValidateRequestParameters: true,
    });
    const validated = methods().filter((method) => method["RequestValidatorId"] !== undefined);
    expect(validated).toHaveLength(ROUTES.length);
    const models = methods().flatMap((method) => Object.values(method["RequestModels"] ?? {}).map(shown));
    expect(models.toSorted()).toEqual(["RestNewBatch", "RestNewUpload"]);
  });

  test.for(Object.entries(MODELS))("the model %s against a subset of its schema", ([name, model]) => {
    const schema = SCHEMAS[name] as Loose;
    const { required = [] } = model as { required?: string[] };
    expect(required).toEqual(schema.required ?? []);
    for (const property of Object.keys(model.properties)) expect(schema.properties).toHaveProperty(property);
  });

  test("the rate of requests", () => {
    expect(onlyOf(template, "AWS::ApiGateway::Stage")).toMatchObject({
      MethodSettings: [{ ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 }],
    });
  });
});

describe("API Gateway's own responses", () => {
  const answers = [...resourcesOf(template, "AWS::ApiGateway::GatewayResponse").values()];

  test("are problems with an error code and with their HTTP status", () => {
    for (const answer of answers) {
      const problem = JSON.parse(answer["ResponseTemplates"]["application/json"]);
      expect(problem.status).toBe(Number(answer["StatusCode"]));
      expect(ERROR_CODES).toHaveProperty(problem.code);
      expect(Object.keys(problem).toSorted()).toEqual(
        Object.keys((SCHEMAS["Problem"] as Loose).properties).toSorted(),
      );
      expect(shown(answer["ResponseParameters"])).toContain("application/problem+json");
    }
  });

  test("cover bad bodies, throttling, missing signatures and all other errors", () => {
    const types = answers.map((answer) => answer["ResponseType"]);
    expect(types).toEqual(
      expect.arrayContaining([
        "BAD_REQUEST_BODY",
        "THROTTLED",
        "MISSING_AUTHENTICATION_TOKEN",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
      ]),
    );
  });
});

describe("logs", () => {
  test("contain requests but not their bodies", () => {
    const [stage] = resourcesOf(template, "AWS::ApiGateway::Stage").values();
    expect(shown(stage?.["AccessLogSetting"].DestinationArn)).toContain("RestLog");
    expect(stage?.["MethodSettings"][0]).toMatchObject({ LoggingLevel: "ERROR", DataTraceEnabled: false });
  });

  test("the account's role for logs is left alone with apiLogRole: false", () => {
    expect(resourcesOf(template, "AWS::ApiGateway::Account").size).toBe(1);
    const without = templateOf(fanjoinWith(() => ({ apiLogRole: false })));
    expect(resourcesOf(without, "AWS::ApiGateway::Account").size).toBe(0);
  });
});
