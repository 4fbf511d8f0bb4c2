/** The part of SQS that senders use. A test reads the messages and plays the event source. */
import type { SendMessageBatchRequest, SendMessageBatchResult } from "@aws-sdk/client-sqs";
import { jsonEndpoint, ServiceError } from "./endpoint.ts";

export interface MemorySqs {
  /** Message bodies, by the URL of the queue. */
  readonly queues: Map<string, string[]>;
  readonly client: ReturnType<typeof jsonEndpoint>;
}

const MAX_BYTES = 1024 * 1024;

/** `fails` refuses an entry once, and says whose fault that is. `sent` gets every request. */
export function memorySqs(
  fails: (body: string) => "sender" | "receiver" | null = () => null,
  sent: (batch: SendMessageBatchRequest) => void = () => undefined,
): MemorySqs {
  const queues = new Map<string, string[]>();
  const client = jsonEndpoint((action, input: SendMessageBatchRequest) => {
    if (action !== "SendMessageBatch") throw new ServiceError("UnknownOperationException", action);
    const { QueueUrl = "", Entries = [] } = input;
    const bytes = Entries.reduce((sum, { MessageBody = "" }) => sum + Buffer.byteLength(MessageBody), 0);
    if (Entries.length === 0 || Entries.length > 10 || bytes > MAX_BYTES) {
      throw new ServiceError(
        "InvalidParameterValue",
        `a batch of ${Entries.length} entries and ${bytes} bytes`,
      );
    }
    sent(input);
    const Successful: SendMessageBatchResult["Successful"] = [];
    const Failed: SendMessageBatchResult["Failed"] = [];
    for (const { Id, MessageBody = "" } of Entries) {
      const fault = fails(MessageBody);
      if (fault === null) {
        queues.set(QueueUrl, [...(queues.get(QueueUrl) ?? []), MessageBody]);
        Successful.push({ Id, MessageId: "", MD5OfMessageBody: "" });
      } else Failed.push({ Id, SenderFault: fault === "sender", Code: "Refused", Message: "not this time" });
    }
    return { Successful, Failed };
  });
  return { queues, client };
}
