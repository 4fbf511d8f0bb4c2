/**
 * The REST API in front of the one `api` function: its authorisation, its request validation, its throttling
 * and its logs.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  SecurityPolicy,
} from "aws-cdk-lib/aws-apigateway";
import type { CfnRestApi, IApiKey, IResource, MethodOptions, Model } from "aws-cdk-lib/aws-apigateway";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { suppress } from "../resources/nag-suppressions.ts";
import { MODELS } from "./api-models.ts";
import type { ModelName } from "./api-models.ts";
import { addProblemResponses } from "./api-problems.ts";
import { ROUTES } from "./api-routes.ts";
import { answerPreflights, apiOriginsOf } from "./web-origins.ts";
import type { WebOriginProps } from "./web-origins.ts";
import type { Deployment } from "../resources/deployment.ts";
import { createLog } from "../resources/function.ts";
import { wholeNumber } from "../resources/check-props.ts";

export interface ApiProps extends WebOriginProps {
  /**
   * `true`: requests carry an API key (`x-api-key`) instead of an AWS signature. AWS says not to use API keys
   * to control who may call an API: all callers share one long-lived secret, and nobody knows who called.
   */
  readonly apiKey?: boolean | undefined;
  /** The API's rate limit in requests per second, 100 by default. Bursts of twice as many are allowed. */
  readonly requestsPerSecond?: number | undefined;
  /**
   * API Gateway writes logs with a role that is set once for an account and region. `true`, the default, sets
   * the role; `false` leaves the setting alone, for accounts that already have one.
   */
  readonly apiLogRole?: boolean | undefined;
}

export interface Api {
  readonly api: RestApi;
  /** `null` if requests are signed. */
  readonly key: IApiKey | null;
}

const STAGE = "v1";
/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAX_REQUESTS_PER_SECOND = 10_000;

/**
 * Creates the REST API. Throws `JOB_INVALID` if `requestsPerSecond` is out of range, or for an origin that is
 * none.
 */
export function createApi(scope: Construct, deployment: Deployment, props: ApiProps, handler: Function): Api {
  const rate = wholeNumber(props.requestsPerSecond, "requestsPerSecond", [1, MAX_REQUESTS_PER_SECOND], 100);
  const throttle = { throttlingRateLimit: rate, throttlingBurstLimit: 2 * rate };
  const api = new RestApi(scope, "Rest", {
    restApiName: deployment.name,
    description: `Batches of ${deployment.name}`,
    endpointTypes: [EndpointType.REGIONAL],
    // The role outlives the stack, because other APIs of the account may log with it.
    ...(props.apiLogRole === false
      ? { cloudWatchRole: false }
      : { cloudWatchRole: true, cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN }),
    deployOptions: {
      stageName: STAGE,
      ...throttle,
      metricsEnabled: true,
      loggingLevel: MethodLoggingLevel.ERROR,
      // Bodies hold users' items, and are never logged.
      dataTraceEnabled: false,
      tracingEnabled: deployment.tracing,
      accessLogDestination: new LogGroupLogDestination(createLog(scope, "RestLog", deployment)),
      accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
    },
  });
  requireTls(api);
  // CDK adds an output whose name is not stable.
  api.node.tryRemoveChild("Endpoint");
  const origins = apiOriginsOf(props);
  addProblemResponses(api, origins);
  answerPreflights(addRoutes(api, handler, props.apiKey ?? false), origins);
  if (origins.length > 0) handler.addEnvironment("FANJOIN_API_ORIGINS", origins.join(","));
  keepExecutionLogs(scope, deployment, api);
  suppressFindings(api);
  return { api, key: props.apiKey ? createKey(api, deployment, throttle) : null };
}

/**
 * The endpoint accepts TLS 1.2 and 1.3. By default regional endpoints accept 1.0, too. `RestApi` has no
 * property for it: https://github.com/aws/aws-cdk/issues/36663. It takes effect with a new deployment, which
 * CDK makes whenever the API changes:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-update.html
 */
function requireTls(api: RestApi): void {
  const resource = api.node.defaultChild as CfnRestApi;
  resource.securityPolicy = SecurityPolicy.TLS_1_2;
}

/** Returns the resources that have methods. */
function addRoutes(api: RestApi, handler: Function, byKey: boolean): ReadonlySet<IResource> {
  const resources = new Set<IResource>();
  const integration = new LambdaIntegration(handler, { scopePermissionToMethod: false });
  const validator = api.addRequestValidator("Validator", {
    validateRequestBody: true,
    validateRequestParameters: true,
  });
  const models = modelsOf(api);
  const access: MethodOptions = byKey
    ? { authorizationType: AuthorizationType.NONE, apiKeyRequired: true }
    : { authorizationType: AuthorizationType.IAM };
  for (const route of ROUTES) {
    const resource = api.root.resourceForPath(route.path);
    resources.add(resource);
    const method = resource.addMethod(route.method, integration, {
      ...access,
      requestValidator: validator,
      ...(route.body && { requestModels: { "application/json": models[route.body] } }),
      ...(route.query && { requestParameters: optional(route.query) }),
    });
    suppress(method, byKey ? BY_KEY : BY_SIGNATURE, "COG4");
    if (byKey) suppress(method, BY_KEY, "APIG4");
  }
  return resources;
}

const BY_KEY = "The user asked for an API key in place of signatures: the option apiKey.";
const BY_SIGNATURE = "Requests are signed (IAM authorisation): callers are programs, not users of a pool.";

function modelsOf(api: RestApi): { readonly [Name in ModelName]: Model } {
  const model = (name: ModelName): Model =>
    api.addModel(name, { modelName: name, contentType: "application/json", schema: MODELS[name] });
  return { NewBatch: model("NewBatch"), NewUpload: model("NewUpload") };
}

function optional(query: readonly string[]): { [name: string]: boolean } {
  return Object.fromEntries(query.map((name) => [`method.request.querystring.${name}`, false]));
}

/** The usage plan has the stage's limits, because there is only one key. */
function createKey(
  api: RestApi,
  { name }: Deployment,
  throttle: { readonly throttlingRateLimit: number; readonly throttlingBurstLimit: number },
): IApiKey {
  const key = api.addApiKey("Key", { description: `Callers of ${name}` });
  const plan = api.addUsagePlan("Plan", {
    throttle: { rateLimit: throttle.throttlingRateLimit, burstLimit: throttle.throttlingBurstLimit },
    apiStages: [{ stage: api.deploymentStage }],
  });
  plan.addApiKey(key);
  return key;
}

/** Otherwise API Gateway would create this log group itself, and keep its logs for ever. */
function keepExecutionLogs(scope: Construct, deployment: Deployment, api: RestApi): void {
  const group = createLog(
    scope,
    "RestErrors",
    deployment,
    `API-Gateway-Execution-Logs_${api.restApiId}/${STAGE}`,
  );
  api.deploymentStage.node.addDependency(group);
}

function suppressFindings(api: RestApi): void {
  suppress(
    api.deploymentStage,
    "A firewall costs by the month and is the user's choice: associate a web ACL with the stage.",
    "APIG3",
  );
  const role = api.node.tryFindChild("CloudWatchRole");
  if (!role) return;
  const policy = "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
  suppress(
    role,
    "AWS's own policy for the one role by which API Gateway writes logs.",
    `IAM4[Policy::${policy}]`,
  );
}
