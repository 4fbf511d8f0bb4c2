import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/**
 * A mutant's run ends with the first test that fails. So a file that noticed the mutant before this one is
 * tried first, and then those that take little time.
 */
export class CheapestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const costs = new Map(files.map((file) => [file, this.#costOf(file)]));
    return files.toSorted((a, b) => (costs.get(a) ?? 0) - (costs.get(b) ?? 0));
  }

  /** Milliseconds of the last run. */
  #costOf(file: TestSpecification): number {
    const last = this.ctx.cache.getTestSpecificationResult(file);
    return last?.failed ? -1 : (last?.duration ?? 0);
  }
}
