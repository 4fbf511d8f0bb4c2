/** The part of Lambda that is used to invoke a function asynchronously. */
import { endpoint } from "./endpoint.ts";

export interface Invoked {
  readonly name: string;
  readonly type: string | undefined;
  readonly payload: string;
}

export function memoryLambda(invoked: (one: Invoked) => void) {
  return endpoint(({ path, headers }, body) => {
    const [, name = ""] = /\/functions\/(.*)\/invocations$/.exec(decodeURIComponent(path)) ?? [];
    invoked({ name, type: headers["x-amz-invocation-type"], payload: body.toString() });
    return { status: 202 };
  });
}
