/**
 * How many requests, and how many bytes, had each status?
 *
 *     fanjoin run count-requests.ts 'logs/*.log'
 */
import { defineJob, lines } from "fanjoin";

const REQUEST = /^(\S+) "(\w+) (\S+)" (\d{3}) (\d+)$/;

export default defineJob({
  name: "count-requests",
  input: lines(),
  retries: 0, // a second try would read the same line
  process(line) {
    const [, , , , status = "", bytes] = REQUEST.exec(line) ?? [];
    if (bytes === undefined) throw new Error("not a request");
    return { status, bytes: Number(bytes) };
  },
  join: (j) =>
    j.groupBy((request) => request.status, { requests: j.count(), bytes: j.sum((request) => request.bytes) }),
});
