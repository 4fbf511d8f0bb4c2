/** Groups messages into requests, within the platform's limits of messages and bytes. */

/** A message with its body, and the bytes that it takes in a request. */
export interface SizedMessage<M> {
  readonly message: M;
  readonly body: string;
  readonly bytes: number;
}

export interface Capacity {
  readonly messages: number;
  readonly bytes: number;
  /** Bytes that each message takes besides its body. */
  readonly overhead: number;
}

/**
 * The groups keep the order of the messages. A message that is too large for any request forms a group of its
 * own, and the platform refuses it.
 */
export function* groupsOf<M>(messages: Iterable<M>, capacity: Capacity): Generator<SizedMessage<M>[]> {
  let group: SizedMessage<M>[] = [];
  let bytes = 0;
  for (const message of messages) {
    const body = bodyOf(message);
    const sized = { message, body, bytes: Buffer.byteLength(body) + capacity.overhead };
    if (group.length === capacity.messages || (group.length > 0 && bytes + sized.bytes > capacity.bytes)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(sized);
    bytes += sized.bytes;
  }
  if (group.length > 0) yield group;
}

/**
 * JSON text. Characters that SQS does not accept are escaped:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function bodyOf(message: unknown): string {
  return JSON.stringify(message).replace(
    /[\uFFFE\uFFFF]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16)}`,
  );
}
