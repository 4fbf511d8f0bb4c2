/** The outputs of a batch of a stack, while it runs. */
import { outputPages } from "../door/output-pages.ts";
import type { OutputPage, OutputsOptions } from "../door/output-pages.ts";
import { patiently, pauseMs } from "../door/polled.ts";
import { sleep } from "../door/sleep.ts";
import type { ApiClient } from "./api-client.ts";

/** While nothing new is ready, it asks less and less often: each request costs money. */
export function remoteOutputs(
  api: Pick<ApiClient, "outputs">,
  batch: string,
  options: OutputsOptions = {},
): AsyncGenerator<OutputPage> {
  const { order, signal } = options;
  const firstMs = performance.now();
  let requestMs = 0;
  /** An endpoint that has answered may fail for a while. */
  let hasAnswered = false;
  return outputPages(
    {
      async page(after) {
        const beganMs = performance.now();
        const ask = (): ReturnType<typeof api.outputs> => api.outputs(batch, after, order);
        const page = await (hasAnswered ? patiently(ask, signal) : ask());
        hasAnswered = true;
        requestMs = performance.now() - beganMs;
        return page;
      },
      more: () => sleep(pauseMs(requestMs, performance.now() - firstMs), signal),
    },
    options,
  );
}
