// Takes every message and forgets it: as little as a receiver can do. Prints its port, and how many it took when it is told to end.
import { createServer } from "node:net";

let taken = 0;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  let rest = "";
  let inBody = false;
  socket.write("220 sink\r\n");
  socket.on("data", (chunk: Buffer) => {
    rest += chunk.toString("latin1");
    let out = "";
    for (;;) {
      const end = rest.indexOf(inBody ? "\r\n.\r\n" : "\r\n");
      if (end < 0) break;
      const line = inBody ? "" : rest.slice(0, 4).toUpperCase();
      rest = rest.slice(end + (inBody ? 5 : 2));
      if (inBody) taken += 1;
      out += inBody ? "250 taken\r\n" : (REPLIES[line] ?? "250 ok\r\n");
      inBody = line === "DATA";
    }
    if (out !== "") socket.write(out);
    if (out.endsWith("221 bye\r\n")) socket.end();
  });
});

const REPLIES: Readonly<Record<string, string>> = {
  EHLO: "250-sink\r\n250-PIPELINING\r\n250 SIZE 100000000\r\n",
  DATA: "354 go on\r\n",
  QUIT: "221 bye\r\n",
};

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: address !== null && typeof address === "object" ? address.port : 0 });
});

process.on("message", () => process.send?.({ taken }));
process.on("disconnect", () => {
  process.exit();
});
