/** A part that is packed on its own, one after the other. */

export interface Member {
  /** Unpacks these bytes. At the end of the member it leaves some. */
  write(bytes: Buffer): AsyncGenerator<Buffer>;
  /** Nothing follows. A member that ends too soon has a fault afterwards. */
  end(): AsyncGenerator<Buffer>;
  /** How many packed bytes it took. After a fault: at least so many are good. */
  taken(): number;
  /** The member has ended, and its checksum (if it has one) is right. */
  isWhole(): boolean;
  /** `null` without a fault. */
  fault(): unknown;
  close(): void;
}
