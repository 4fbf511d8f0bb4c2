import { describe, expect, test } from "vitest";
import { explore } from "./explore.ts";
import { HEDGES } from "./hedging/hedge-scenarios.ts";
import { SCENARIOS } from "./scenarios.ts";
import { SPLIT_SCENARIOS } from "./splitting/split-scenarios.ts";

describe("every order of events keeps the invariants, and the batch can end", () => {
  const quick = [...SCENARIOS, ...SPLIT_SCENARIOS, ...HEDGES].filter((scenario) => scenario.quick);
  test.for(quick)("$name", ({ world }, { annotate }) => {
    const { states, ended, violation } = explore(world);
    void annotate(`${states} states`);
    expect(violation).toBeNull();
    expect(ended).toBeGreaterThan(0);
  });
});
