import type { Workspace } from "./workspace.ts";

/** What Slack shows about a thread that the app works in. */
export interface ThreadSession {
  readonly channel: string;
  readonly threadTs: string;
  /** `… is thinking`, as the app last said; empty when nothing is shown. */
  readonly status: string;
  readonly loadingMessages: readonly string[];
  /** Of `agents.sessions.setStatus`; undefined while there is no agent session. */
  readonly agentStatus?: "active" | "processing" | "suspended" | "closed";
  readonly title?: string;
}

export interface SuggestedPrompts {
  readonly channel: string;
  readonly threadTs?: string | undefined;
  readonly title?: string | undefined;
  readonly prompts: readonly { readonly title: string; readonly message: string }[];
}

/** Statuses of threads, agent sessions and suggested prompts. */
export interface Sessions {
  /** Every session ever, the vanished status included as an empty one. */
  of(channel: string, threadTs: string): ThreadSession;
  change(channel: string, threadTs: string, change: Partial<ThreadSession>): ThreadSession;
  setStatus(channel: string, threadTs: string, status: string, loading: readonly string[]): void;
  readonly prompts: SuggestedPrompts[];
}

export function createSessions(workspace: Workspace, statusMs: number): Sessions {
  const sessions = new Map<string, ThreadSession>();
  const saidAt = new Map<string, number>();
  const keyOf = (channel: string, threadTs: string) => `${channel}/${threadTs}`;

  const self: Sessions = {
    prompts: [],
    of(channel, threadTs) {
      const key = keyOf(channel, threadTs);
      const found = sessions.get(key) ?? { channel, threadTs, status: "", loadingMessages: [] };
      const vanished = workspace.now() - (saidAt.get(key) ?? 0) > statusMs;
      return vanished ? { ...found, status: "", loadingMessages: [] } : found;
    },
    change(channel, threadTs, change) {
      const changed = { ...self.of(channel, threadTs), ...change };
      sessions.set(keyOf(channel, threadTs), changed);
      return changed;
    },
    setStatus(channel, threadTs, status, loadingMessages) {
      saidAt.set(keyOf(channel, threadTs), workspace.now());
      self.change(channel, threadTs, { status, loadingMessages });
    },
  };
  return self;
}
