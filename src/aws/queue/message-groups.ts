/** Messages as requests carry them: so many at most, and so many bytes. */

export interface Carried<M> {
  readonly message: M;
  readonly body: string;
  readonly bytes: number;
}

export interface Capacity {
  readonly messages: number;
  readonly bytes: number;
  /** What each message takes besides its body. */
  readonly overhead: number;
}

/**
 * In the order in which they came. A message that is too large for any request is alone in one, for the
 * platform to refuse.
 */
export function* groupsOf<M>(messages: Iterable<M>, capacity: Capacity): Generator<Carried<M>[]> {
  let group: Carried<M>[] = [];
  let bytes = 0;
  for (const message of messages) {
    const body = bodyOf(message);
    const one = { message, body, bytes: Buffer.byteLength(body) + capacity.overhead };
    if (group.length === capacity.messages || (group.length > 0 && bytes + one.bytes > capacity.bytes)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(one);
    bytes += one.bytes;
  }
  if (group.length > 0) yield group;
}

/**
 * JSON, in characters that SQS takes:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function bodyOf(message: unknown): string {
  return JSON.stringify(message).replace(/[\uFFFE\uFFFF]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}
