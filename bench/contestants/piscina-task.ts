export default function noop(n: number): number {
  return n;
}
