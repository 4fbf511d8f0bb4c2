/**
 * The ids of resources that an update must not replace: they hold data, or messages of batches that run, or
 * have names and URLs that others know. CDK derives an id from the construct's path.
 */
import { expect, test } from "vitest";
import { fanjoinWith, templateOf } from "./synth.ts";

const template = templateOf(fanjoinWith());

test.for([
  ["AWS::DynamoDB::Table", ["Table5F75392F"]],
  ["AWS::S3::Bucket", ["Bucket5E8D6D4F"]],
  ["AWS::ApiGateway::RestApi", ["Rest7BFAD5FA"]],
  [
    "AWS::SQS::Queue",
    [
      "CoordinatorQueue11384DF8",
      "DeadLetters4081FBC1",
      "primesJoinQueueF4D92C69",
      "wordcountJoinQueue3D483E03",
      "wordcountWorkerQueueAD0214D8",
    ],
  ],
  [
    "AWS::Lambda::Function",
    [
      "Api6E19545A",
      "Coordinator10571418",
      "DeadLetterE5DEAB38",
      "SweeperE62BD9E4",
      "primesJoinCF6DEBA5",
      "primesWorker99D9A402",
      "wordcountJoinA91B6BC7",
      "wordcountWorkerE778ECBD",
    ],
  ],
] as const)("%s keeps the ids of its resources", ([type, ids]) => {
  expect(Object.keys(template.findResources(type)).toSorted()).toEqual(ids.map((id) => `Fanjoin${id}`));
});
