import { SocketModeClient, type SocketModeOptions } from "@slack/socket-mode";
import { z } from "zod";
import type { Ack } from "./worker.ts";

interface Listener {
  /** What Slack delivers, and how to acknowledge it. Must not throw. */
  onPayload(payload: unknown, ack: Ack): void;
  /** Why Slack is about to end the connection. */
  onDisconnect(reason: string): void;
}

const frameSchema = z.object({
  type: z.string(),
  reason: z.string().optional().catch(undefined),
  envelope_id: z.string().optional().catch(undefined),
  payload: z.unknown(),
});

/**
 * The package's client, of which only the socket is used: its own reading of envelopes rejects
 * where nobody catches as soon as one is not as documented.
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
    if (frame.type === "disconnect") this.#listener.onDisconnect(frame.reason ?? "no reason");
    if (frame.type === "hello" || frame.type === "disconnect") {
      return super.onWebSocketMessage(data, isBinary);
    }
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
