import { connect } from "node:net";
import { text } from "node:stream/consumers";

/**
 * Calls a server on 127.0.0.1 that waits for the end of what `beginning` begins; `drip` is sent
 * again and again. Resolves with what the server said when it has ended the connection.
 */
export async function untilCutOff(port: number, beginning: string, drip?: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(beginning);
  const dripping = drip && setInterval(() => socket.write(drip), 5);
  try {
    // Who is cut off while writing may hear of it as a reset.
    return await text(socket).catch(() => "");
  } finally {
    clearInterval(dripping || undefined);
    socket.destroy();
  }
}
