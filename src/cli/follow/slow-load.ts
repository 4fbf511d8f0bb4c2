/** Loading a job file: what it does at its top level may take for ever, and whoever waits is told so. */
import type { Json } from "../../core/json.ts";
import type { Engine, JobDescription } from "../../local/engine/engine.ts";

const QUIET_MS = 3000;

/** Throws as `Engine.load`. */
export async function loadPatiently(
  engine: Pick<Engine, "load">,
  file: string,
  params: Json,
): Promise<JobDescription> {
  const notice = setTimeout(() => {
    console.error(
      `${file} is still being loaded: what it imports, awaits or computes at its top level has not finished. Ctrl-C gives up.`,
    );
  }, QUIET_MS);
  try {
    return await engine.load(file, params);
  } finally {
    clearTimeout(notice);
  }
}
