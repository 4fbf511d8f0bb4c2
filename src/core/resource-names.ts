/**
 * The names of what a deployed fanjoin is made of: worked out from the stack's name and the job's, so that no
 * function has to be told the name of another.
 */

/** What there is once for each job. */
export type JobResource = "worker" | "join";
/** What there is once for each stack. */
export type StackResource = "api" | "coordinator" | "sweeper" | "dead-letter";

/**
 * Of a Lambda function; queues may have 80:
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
const MAX_NAME = 64;
const HASH_CHARS = 8;

/**
 * The name of a function and of the queue that wakes it. One that would be too long is cut, and told apart by
 * a hash.
 */
export function resourceName(stack: string, kind: StackResource): string {
  return cut(`${stack}-${kind}`, kind);
}

export function jobResourceName(stack: string, job: string, kind: JobResource): string {
  return cut(`${stack}-${job}-${kind}`, kind);
}

function cut(name: string, kind: string): string {
  if (name.length <= MAX_NAME) return name;
  const end = `-${hash(name)}-${kind}`;
  return `${name.slice(0, MAX_NAME - end.length)}${end}`;
}

/** FNV-1a in 32 bits, http://www.isthe.com/chongo/tech/comp/fnv/, as letters and digits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193);
  }
  return (value >>> 0).toString(36).padStart(HASH_CHARS, "0");
}

/** The URL of another queue of the same stack: `url` is that of any of them. */
export function siblingQueueUrl(url: string, name: string): string {
  return url.slice(0, url.lastIndexOf("/") + 1) + name;
}
