/**
 * Retries, timeouts and connections of the SDK's clients.
 *
 * Retries are adaptive. A client works for one stack with one table, one bucket and its own queues, so a
 * throttled request predicts that the next one is throttled too
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html warns against this mode for
 * clients that many tenants share). There are more tries than the default 3, because a function that gives up
 * costs a whole redelivery.
 *
 * Timeouts: the SDK has none by default, so a function would wait for a lost connection until its own timeout
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-configuring-timeouts.html).
 * `requestTimeout` lasts until the response begins, `socketTimeout` from byte to byte.
 *
 * Connections are kept alive (the SDK's default), as many as there are concurrent requests: a new connection
 * costs a TLS handshake of several round trips
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-reusing-connections.html). A frozen
 * Lambda loses its connections without noticing; the retry opens a new one.
 *
 * The endpoint comes from `AWS_ENDPOINT_URL`, which the SDK reads by itself
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 */
export const RETRIES = { retryMode: "adaptive", maxAttempts: 6 };

/** Timeouts in milliseconds. */
export function handler(connectionTimeout: number, requestTimeout: number, socketTimeout: number) {
  const agent = { keepAlive: true, maxSockets: 64 };
  return {
    connectionTimeout,
    requestTimeout,
    // By default the SDK only warns.
    throwOnRequestTimeout: true,
    socketTimeout,
    httpsAgent: agent,
    httpAgent: agent,
  };
}
