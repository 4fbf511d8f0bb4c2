/**
 * The server that items of `bench io` wait for: `node waiting-server.ts <milliseconds>`, in a process of its
 * own, prints its port. It answers `GET /?n=7` with `7` after that long. It speaks just enough HTTP for that,
 * so that little of the machine goes into it.
 */
import { createServer } from "node:net";

const waitMs = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  // A request is one packet: short, without a body, and none is sent before the last one is answered.
  socket.on("data", (bytes: Buffer) => {
    const head = bytes.toString("latin1");
    const n = head.slice(head.indexOf("=") + 1, head.indexOf(" ", 5));
    setTimeout(() => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${n.length}\r\n\r\n${n}`), waitMs);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" ? address?.port : address);
});
// Ends with the process that started it.
process.stdin.on("end", () => process.exit()).resume();
