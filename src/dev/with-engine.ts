/** The engine of `fanjoin dev`. */
import { openEngine } from "../local/engine/open-engine.ts";
import type { Engine, EngineOptions } from "../local/engine/engine.ts";
import { loadTracer } from "../tracing/load-tracer.ts";
import { LogDisplay } from "../cli/display/progress/log-display.ts";

export interface EngineDirectory {
  readonly dir: string;
  readonly threads: number;
}

/** The directory, and where the objects are that requests name. */
type WithObjects = EngineDirectory & Pick<EngineOptions, "objects">;

/** Opens the engine for `use`, and stops it afterwards, also when `use` throws. */
export async function withEngine<T>(
  { dir, threads, objects }: WithObjects,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const log = new LogDisplay();
  const engine = await openEngine({
    directory: dir,
    concurrency: threads,
    objects,
    tracer: await loadTracer(undefined, process.env),
    onLog: (entry) => log.write(entry),
  });
  try {
    const result = await use(engine);
    await engine.stop();
    return result;
  } catch (error) {
    // The first error is the one to report.
    await engine.stop().catch(() => undefined);
    throw error;
  }
}
