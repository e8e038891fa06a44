import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { readArguments } from "./arguments.ts";
import { takeContent } from "./content.ts";
import type { FakeContext } from "./context.ts";
import type { Message } from "./messages.ts";
import { type JsonObject, SlackError } from "./slack-error.ts";
import { sendJson } from "./web-api.ts";
import { secretId } from "./workspace.ts";

/** Answers that one URL takes. */
const USES = 5;

/** What an interaction happened in. */
export interface Occasion {
  readonly channel: string;
  readonly user: string;
  readonly message?: Message;
}

/** The URLs that interactions carry, to answer them without a token. */
export interface ResponseUrls {
  issue(occasion: Occasion): string;
  /** Shows an answer as if it had been sent to such a URL. */
  show(occasion: Occasion, answer: JsonObject): void;
  handle(id: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
}

const answerArguments = z.object({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  response_type: z.enum(["ephemeral", "in_channel"]).default("ephemeral"),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
  thread_ts: z.string().optional(),
});

export function createResponseUrls(context: FakeContext, host: () => string): ResponseUrls {
  const { workspace, messages, recorder, lifetimes } = context;
  const issued = new Map<string, { occasion: Occasion; at: number; uses: number }>();

  function use(id: string): Occasion {
    const url = issued.get(id);
    if (!url || workspace.now() - url.at > lifetimes.responseUrlMs) {
      throw new SlackError("expired_url");
    }
    if (url.uses >= USES) throw new SlackError("used_url");
    url.uses += 1;
    return url.occasion;
  }

  function show({ channel, user, message }: Occasion, args: JsonObject): void {
    const answer = answerArguments.parse(args);
    const original = message && messages.find(channel, message.ts);
    if (answer.delete_original) return void (original && messages.remove(original));
    const shown = takeContent(recorder, "response_url", answer);
    if (answer.replace_original && original) {
      messages.change({ ...original, ...shown });
      return;
    }
    messages.post({
      channel,
      user: workspace.bot.userId,
      botId: workspace.bot.botId,
      ...shown,
      ...(answer.thread_ts && { threadTs: answer.thread_ts }),
      ...(answer.response_type === "ephemeral" && { onlyFor: user }),
    });
  }

  return {
    show,
    issue(occasion) {
      const id = secretId();
      issued.set(id, { occasion, at: workspace.now(), uses: 0 });
      return `http://${host()}/actions/${id}`;
    },
    async handle(id, incoming, outgoing) {
      const args = await readArguments(incoming);
      recorder.calls.push({ method: "response_url", args, at: workspace.now() });
      try {
        show(use(id), args);
        outgoing.end("ok");
      } catch (error) {
        if (!(error instanceof SlackError)) throw error;
        sendJson(outgoing, 404, { ok: false, error: error.code });
      }
      recorder.changed();
    },
  };
}
