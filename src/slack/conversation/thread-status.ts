import type { WebClient } from "@slack/web-api";
import { plainText } from "#src/plain-text.ts";
import type { ThreadRef } from "#src/slack/threads.ts";
import { isDoneWithin } from "#src/slack/within.ts";
import type { Abilities } from "./abilities.ts";

/** What Slack shows about a thread's work, besides our messages. */
export interface ThreadStatus {
  /** Says that we work on what the user asked. Returns at once; never throws. */
  begin(thread: ThreadRef, request: { readonly user: string; readonly text: string }): BegunStatus;
  /** Says that nothing is under way. Never rejects. */
  settle(thread: ThreadRef, status: SettledStatus): Promise<void>;
}

export interface BegunStatus {
  /** Never rejects; where Slack takes its time, the rest happens while the thread goes on. */
  settle(status: SettledStatus): Promise<void>;
}

/** Ready for the next message, or waiting for an answer to a confirmation. */
export type SettledStatus = "active" | "suspended";

interface Deps {
  /** Nobody waits for a status: the client for what may wait. */
  readonly web: WebClient;
  readonly abilities: Abilities;
}

/** Milliseconds that the next message of a thread waits for the status; a rate limit lasts longer. */
const patience = 2_000;

const loadingMessages = ["Reading your request…", "Asking the cluster…", "Putting it into words…"];

/**
 * Agent sessions, and the line that says that we are at work. Slack drops that line by itself when
 * we answer and after two minutes; settling drops it in any case, also for a run that an earlier
 * process left, because its message is taken up again.
 */
export function createThreadStatus({ web, abilities }: Deps): ThreadStatus {
  function setSession(thread: ThreadRef, status: string, creation = {}) {
    return abilities.use("agents.sessions.setStatus", () =>
      web.agents.sessions.setStatus({ ...idsOf(thread), status, ...creation }),
    );
  }

  function setLine(thread: ThreadRef, status: string, loading: string[] = []) {
    return abilities.use("assistant.threads.setStatus", () =>
      web.assistant.threads.setStatus({
        ...idsOf(thread),
        status,
        ...(loading.length > 0 && { loading_messages: loading }),
      }),
    );
  }

  async function settle(thread: ThreadRef, status: SettledStatus): Promise<void> {
    await Promise.all([setSession(thread, status), setLine(thread, "")]);
  }

  return {
    begin(thread, { user, text }) {
      const title = plainText(text, 60);
      const creation = { ...(title && { title }), initiator_user_id: user };
      const begun = Promise.all([
        setSession(thread, "processing", creation),
        setLine(thread, "is working on it…", loadingMessages),
      ]);
      return {
        async settle(status) {
          await isDoneWithin(
            patience,
            begun.then(() => settle(thread, status)),
          );
        },
      };
    },
    settle,
  };
}

function idsOf({ channel, threadTs }: ThreadRef) {
  return { channel_id: channel, thread_ts: threadTs };
}
