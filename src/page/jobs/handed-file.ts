/** A file that was dropped on another view, on its way to the form. */

let file: File | null = null;

export function handOver(dropped: File): void {
  file = dropped;
}

/** The file, once. */
export function handedOver(): File | null {
  const given = file;
  file = null;
  return given;
}
