/**
 * The server that items of `bench io` wait for: `node waiting-server.ts <service>`, in a process of its own,
 * prints its port. It answers `GET /?n=7&attempt=1` with `7`, when and as `answers.ts` says; `attempt` is 1
 * if it is left out. It speaks just enough HTTP for that, so that little of the machine goes into it.
 */
import { createServer } from "node:net";
import { answerOf } from "./answers.ts";
import type { Answer, Service } from "./answers.ts";

const service = process.argv[2] as Service;

function responseTo(n: number, { retryAfter }: Answer): string {
  if (retryAfter !== undefined)
    return `HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${retryAfter}\r\nContent-Length: 0\r\n\r\n`;
  const text = String(n);
  return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  // A request is one packet: short, without a body, and none is sent before the last one is answered.
  socket.on("data", (bytes: Buffer) => {
    const [, n, attempt] = /n=(\d+)(?:&attempt=(\d+))?/.exec(bytes.toString("latin1")) ?? [];
    const answer = answerOf(service, Number(n), Number(attempt ?? 1));
    setTimeout(() => socket.write(responseTo(Number(n), answer)), answer.ms);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" ? address?.port : address);
});
// Ends with the process that started it.
process.stdin.on("end", () => process.exit()).resume();
