import { SocketModeClient, type SocketModeOptions } from "@slack/socket-mode";
import { z } from "zod";
import type { Ack } from "./worker.ts";

interface Listener {
  /** What Slack delivers, and how to acknowledge it. Must not throw. */
  onPayload(payload: unknown, ack: Ack): void;
  /** Why Slack is about to end the connection, which goes on until it does. */
  onDisconnect(reason: string): void;
}

const frameSchema = z.object({
  type: z.string(),
  reason: z.string().optional().catch(undefined),
  envelope_id: z.string().optional().catch(undefined),
  payload: z.unknown().optional(),
});

/**
 * The package's client, of which only the socket is used. Its own reading of envelopes rejects
 * where nobody catches as soon as one is not as documented, and it closes a connection that Slack
 * is about to refresh while there may be more to come.
 */
export class EnvelopeClient extends SocketModeClient {
  readonly #listener: Listener;

  constructor(options: SocketModeOptions, listener: Listener) {
    super(options);
    this.#listener = listener;
  }

  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean) {
    const frame = isBinary ? undefined : parseFrame(String(data));
    if (!frame) return;
    if (frame.type === "hello") return super.onWebSocketMessage(data, isBinary);
    if (frame.type === "disconnect") return this.#listener.onDisconnect(frame.reason ?? "none");
    const { envelope_id, payload } = frame;
    if (envelope_id === undefined) return;
    this.#listener.onPayload(payload, async (response) => this.#acknowledge(envelope_id, response));
  }

  /** Over a socket that has gone it reaches nobody, and Slack delivers the envelope again. */
  #acknowledge(envelope_id: string, response: unknown): void {
    const payload = typeof response === "string" ? { text: response } : (response ?? {});
    this.websocket?.send(JSON.stringify({ envelope_id, payload }), () => {});
  }
}

function parseFrame(text: string): z.infer<typeof frameSchema> | undefined {
  try {
    return frameSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
