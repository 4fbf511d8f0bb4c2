/**
 * The names of a stack's functions and queues, and the folders of its bucket that hold inputs. The names
 * follow from the names of the stack and the job, so a function needs no configuration to find another one.
 */

/** The folder of the bucket whose new objects start batches: `uploads/<job>/<name>`. */
export const UPLOADS = "uploads";
/** The folder of inputs that start no batch. */
export const INPUTS = "inputs";
/**
 * The only folders of the stack's bucket that a batch may name as its input. All others hold fanjoin's own
 * objects, and with them what other jobs have read and made.
 */
export const INPUT_FOLDERS = [UPLOADS, INPUTS] as const;

/** Each job has one of these, `larger` only if it has two sizes of memory. */
export type JobResource = "worker" | "join" | "larger";
/** Each stack has one of these. */
export type StackResource = "api" | "coordinator" | "sweeper" | "dead-letter";

/**
 * The longest name of a Lambda function. A queue's may have 80 characters.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
const MAX_NAME = 64;
const HASH_CHARS = 8;

/** The name of a function, and of its queue. A name that is too long is cut and ends with a hash. */
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
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(36).padStart(HASH_CHARS, "0");
}

/** The URL of the queue `name`, given the URL of any queue of the same stack. */
export function siblingQueueUrl(url: string, name: string): string {
  return url.slice(0, url.lastIndexOf("/") + 1) + name;
}
