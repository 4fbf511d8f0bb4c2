/**
 * The thread died under a request. `blame`: it was running this request, which may be to blame; other
 * requests of the thread are not.
 */
export class ThreadDied extends Error {
  override readonly name = "ThreadDied";
  readonly blame: boolean;
  readonly reason: string;

  constructor(blame: boolean, reason: string) {
    super(`a worker thread ended: ${reason}`);
    this.blame = blame;
    this.reason = reason;
  }
}
