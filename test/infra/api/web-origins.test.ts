import { expect, test } from "vitest";
import { ROUTES } from "../../../infra/api/api-routes.ts";
import type { FanjoinProps } from "../../../infra/fanjoin.ts";
import { fanjoinWith, resourcesOf, templateOf } from "../synth.ts";
import type { Properties } from "../synth.ts";

const SHOP = "https://shop.example";
const OTHER = "https://other.example";

function synthesised(props: FanjoinProps) {
  return templateOf(fanjoinWith(() => props));
}

function preflights(props: FanjoinProps): Properties[] {
  return [...resourcesOf(synthesised(props), "AWS::ApiGateway::Method").values()].filter(
    (method) => method["HttpMethod"] === "OPTIONS",
  );
}

function refusals(props: FanjoinProps): Properties[] {
  const found = resourcesOf(synthesised(props), "AWS::ApiGateway::GatewayResponse");
  return [...found.values()].map((response) => response["ResponseParameters"] as Properties);
}

const PREFIX = "method.response.header.Access-Control";

test("without apiOrigins the template is the same as without the option", () => {
  const plain = synthesised({}).toJSON() as object;
  expect(synthesised({ apiOrigins: [] }).toJSON()).toEqual(plain);
  expect(preflights({})).toEqual([]);
  expect(JSON.stringify(plain)).not.toMatch(/Access-Control|FANJOIN_API_ORIGINS|CorsConfiguration/);
});

test("every path answers preflights, without a key and without a function", () => {
  const all = preflights({ apiOrigins: [SHOP], apiKey: true });
  expect(all).toHaveLength(new Set(ROUTES.map(({ path }) => path)).size);
  for (const method of all) {
    expect(method).toMatchObject({ AuthorizationType: "NONE", ApiKeyRequired: false });
    expect(method["Integration"].Type).toBe("MOCK");
    expect(method["Integration"].IntegrationResponses[0].ResponseParameters).toEqual({
      [`${PREFIX}-Allow-Origin`]: `'${SHOP}'`,
      [`${PREFIX}-Allow-Methods`]: "'GET,POST,PATCH,DELETE'",
      [`${PREFIX}-Allow-Headers`]: "'authorization,content-type,if-none-match,x-api-key'",
      [`${PREFIX}-Max-Age`]: "'600'",
      "method.response.header.Vary": "'Origin'",
    });
  }
});

test("each of several origins is answered with itself", () => {
  const [first] = preflights({ apiOrigins: [SHOP, OTHER, SHOP] });
  const { ResponseTemplates } = first?.["Integration"].IntegrationResponses[0] ?? {};
  const template = String(ResponseTemplates?.["application/json"]);
  expect(template).toContain(`$origin == "${OTHER}"`);
  expect(template.split(SHOP)).toHaveLength(1);
  expect(template).toContain("$context.responseOverride.header.Access-Control-Allow-Origin = $origin");
});

test("refusals of API Gateway can be read by pages", () => {
  const header = "gatewayresponse.header.Access-Control-Allow-Origin";
  for (const parameters of refusals({ apiOrigins: [SHOP] }))
    expect(parameters).toMatchObject({ [header]: `'${SHOP}'`, "gatewayresponse.header.Vary": "'Origin'" });
  for (const parameters of refusals({ apiOrigins: [SHOP, OTHER] }))
    expect(parameters).toMatchObject({ [header]: "'*'" });
  expect(JSON.stringify(synthesised({ apiOrigins: [SHOP, OTHER] }).toJSON())).not.toMatch(
    /allow-credentials/i,
  );
});

test("the api function knows the origins, and no other does", () => {
  const functions = resourcesOf(synthesised({ apiOrigins: [SHOP, OTHER] }), "AWS::Lambda::Function");
  const knowing = [...functions].flatMap(([id, { Environment }]) => {
    const origins = Environment?.Variables?.FANJOIN_API_ORIGINS as string | undefined;
    return origins === undefined ? [] : [[id, origins]];
  });
  expect(knowing).toEqual([["Api", `${SHOP},${OTHER}`]]);
});

test.for(["*", "null", "https://*.example", "https://shop.example/", "shop.example"])(
  "%s is refused: it is not an origin",
  (origin) => {
    expect(() => synthesised({ apiOrigins: [origin] })).toThrow(`apiOrigins ${origin} is not an origin`);
  },
);
