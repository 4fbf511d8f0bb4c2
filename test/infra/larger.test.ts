/** A job with two sizes of memory has a second worker with a queue of its own. */
import { Stack } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { Fanjoin } from "../../infra/fanjoin.ts";
import type { JobProps } from "../../infra/fanjoin.ts";
import { bareApp, example, templateOf } from "./synth.ts";

function templateWith(props: Partial<JobProps>): ReturnType<typeof templateOf> {
  const stack = new Stack(bareApp(), "shop");
  new Fanjoin(stack, "Fanjoin").addJob("word-count", { entry: example("word-count"), ...props });
  return templateOf({ stack });
}

interface Properties {
  readonly FunctionName?: string;
  readonly MemorySize?: number;
  readonly QueueName?: string;
  readonly Environment?: { readonly Variables: { readonly [name: string]: unknown } };
}

function named(template: ReturnType<typeof templateOf>, type: string, name: string): Properties {
  const found = Object.values(template.findResources(type)) as { Properties: Properties }[];
  return (
    found.find(({ Properties: { FunctionName, QueueName } }) => (FunctionName ?? QueueName) === name)
      ?.Properties ?? {}
  );
}

const LAMBDA = "AWS::Lambda::Function";

test.each(["sqs", "invoke"] as const)("the second worker has the larger memory (%s)", (transport) => {
  const template = templateWith({ memory: [512, 3008], transport });
  expect(named(template, LAMBDA, "shop-word-count-worker").MemorySize).toBe(512);
  expect(named(template, LAMBDA, "shop-word-count-larger").MemorySize).toBe(3008);
  expect(named(template, "AWS::SQS::Queue", "shop-word-count-larger").QueueName !== undefined).toBe(
    transport === "sqs",
  );
  for (const name of ["worker", "larger"]) {
    const { Variables = {} } = named(template, LAMBDA, `shop-word-count-${name}`).Environment ?? {};
    expect(Variables["FANJOIN_LARGER"]).toBe("word-count");
  }
  const { Variables = {} } = named(template, LAMBDA, "shop-dead-letter").Environment ?? {};
  expect(Variables["FANJOIN_LARGER"]).toBe("word-count");
});

test("a job with one size of memory has one worker, and no function knows of a larger one", () => {
  const template = templateWith({ memory: 512 });
  expect(named(template, LAMBDA, "shop-word-count-larger")).toEqual({});
  expect(JSON.stringify(template.toJSON())).not.toContain("FANJOIN_LARGER");
});

test("a second worker takes as many resources as docs/aws.md says", () => {
  const count = (props: Partial<JobProps>): number =>
    Object.keys((templateWith(props).toJSON() as { Resources: object }).Resources).length;
  expect(count({ memory: [512, 3008] }) - count({ memory: 512 })).toBe(8);
});

test.each([
  [[1024], "memory has to be a number of MB or two of them"],
  [[3008, 1024], "the smaller one first, but is [3008,1024]"],
  [[1024, 1024], "the smaller one first"],
  [[512, 1024, 2048], "or two of them"],
  [[1024, 20_000], "memory[1] (in MB) has to be a whole number from 128 to 10240, but is 20000"],
  [[1, 1024], "memory (in MB) has to be a whole number from 128 to 10240, but is 1"],
])("addJob refuses %j", (memory, message) => {
  expect(() => templateWith({ memory: memory as unknown as number })).toThrow(message);
});
