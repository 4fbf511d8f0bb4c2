/** The stack of the example jobs. */
import { fileURLToPath } from "node:url";
import { Duration, Stack } from "aws-cdk-lib";
import type { StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Fanjoin } from "./fanjoin.ts";
import type { FanjoinProps } from "./fanjoin.ts";

const example = (name: string): string => fileURLToPath(new URL(`../examples/${name}.ts`, import.meta.url));

export class ExamplesStack extends Stack {
  readonly fanjoin: Fanjoin;

  constructor(scope: Construct, id: string, props: StackProps & { readonly fanjoin?: FanjoinProps } = {}) {
    super(scope, id, props);
    this.fanjoin = new Fanjoin(this, "Fanjoin", props.fanjoin);
    for (const name of ["bird-strikes", "earthquakes", "strikes-to-jsonl", "word-count"]) {
      this.fanjoin.addJob(name, { entry: example(name) });
    }
    // These items compute: 1769 MB is one whole processor. Direct invocations start faster than a queue.
    this.fanjoin.addJob("primes", { entry: example("primes"), memory: 1769, transport: "invoke" });
    this.fanjoin.addJob("leaked-passwords", { entry: example("leaked-passwords"), memory: 1769 });
    // The suppliers' servers only allow a few requests at once.
    this.fanjoin.addJob("supplier-check", { entry: example("supplier-check"), concurrency: 2 });
    this.fanjoin.addJob("orders-by-country", {
      entry: example("orders-by-country"),
      timeout: Duration.minutes(2),
    });
  }
}
