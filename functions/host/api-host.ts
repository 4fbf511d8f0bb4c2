/** The API's host on AWS: the ports, jobs, objects and signed URLs of a stack. */
import { s3Client } from "../../src/aws/store/s3-client.ts";
import { locator, prefixLocator, s3Name } from "../../src/aws/store/object-name.ts";
import { createSignedUrls } from "../../src/aws/store/signed-urls.ts";
import type { ApiHost } from "../../src/api/host.ts";
import { failedWhileRunning } from "../../src/api/live/live-failures.ts";
import { storeInput } from "../../src/batch/job-input.ts";
import { readLeafHistory } from "../../src/batch/summary/leaf-history.ts";
import { NO_PACE } from "../../src/batch/summary/pace.ts";
import { pause, resume } from "../../src/batch/steering/pausing.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { remove } from "../../src/batch/steering/remove.ts";
import { setSettings } from "../../src/batch/steering/settings.ts";
import { readSpec } from "../../src/batch/spec.ts";
import { chunksToPull } from "../../src/steps/pulling/chunks-to-pull.ts";
import { cancel, submit } from "../../src/batch/submit.ts";
import type { Host } from "./middleware.ts";

export function apiHost(host: Host): ApiHost {
  const { environment, ports, describe, newBatch, log, count } = host;
  const { bucket, readable, jobs } = environment;
  const { ledger, store, clock } = ports;
  const locate = locator(bucket, readable);
  const locatePrefix = prefixLocator(bucket, readable);
  /**
   * An earlier version, or another `readableBuckets`, may have allowed what a batch reads. Of a list each
   * object is checked when it is read.
   */
  const checkSources = async (batch: string): Promise<void> => {
    const { input } = await readSpec(ledger, batch);
    for (const { name } of input.sources) if (name.startsWith("s3:")) locate(name);
  };
  const client = s3Client();
  const failedOf = failedWhileRunning({ ledger, store });
  const urls = createSignedUrls(client, bucket);
  return {
    ledger,
    store,
    jobs: [...jobs.keys()].toSorted(),
    describe,
    objectName(url) {
      locate(url);
      return url;
    },
    checkPrefix: (url) => void locatePrefix(url),
    storeInput: (batch, text) => storeInput(ports, batch, text),
    async submit(spec) {
      // Every end is an event.
      await submit(ports, { ...spec, jobFile: null, tells: true });
      count("BatchesStarted");
      log.info("request started a batch", { batch: spec.batch, job: spec.job });
    },
    cancel: (batch) => cancel(ports, batch),
    pause: (batch) => pause(ports, batch),
    resume: (batch) => resume(ports, batch),
    refusedSettings: {
      threads: "AWS runs as many functions as the account and the concurrency of the job's worker allow",
      priority: "the queue shares its workers fairly between batches, and knows no priorities",
    },
    set: (batch, settings) => setSettings(ports, batch, settings),
    async redrive(batch, filter) {
      await checkSources(batch);
      return redrive(ports, batch, filter);
    },
    remove: (batch) => remove(ports, batch),
    isWorkedOn: () => true,
    pace: () => NO_PACE,
    seen: async (batch, fields, settled) => ({
      history: await readLeafHistory(ledger, { batch, fields }, settled, clock.now()),
      failures: await failedOf(batch, fields, settled),
    }),
    readList: (name, start, end) => store.read(name, start, end),
    fileName: (_batch, _file, name) => name,
    async chunksToPull(batch, wanted) {
      await checkSources(batch);
      return chunksToPull(ports, batch, wanted);
    },
    signedGet: (name, options) => urls.get(locate(name), options),
    async signedPut(name) {
      const { url, expiresInMs } = await urls.put(name);
      return { url, object: s3Name(bucket, name), expiresAt: clock.now() + expiresInMs };
    },
    newBatch,
    now: () => clock.now(),
    report: (error) => log.error("request failed", { error }),
    // No message on AWS names a file.
    forCallers: (message) => message,
  };
}
