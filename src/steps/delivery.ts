/** A message as it was received. */
export interface Delivery<M> {
  readonly message: M;
  /** How often it was received, this time included. */
  readonly receives: number;
}

/** The count restarts with every fresh message, so an attempt's number is the message's own plus what this delivery adds. */
export function attemptOf({ message, receives }: Delivery<{ readonly attempt: number }>): number {
  return message.attempt + receives - 1;
}
