import type { SlackMessage } from "#src/slack/format/message.ts";

/** Shows how far something has come, by edits that leave Slack time between them. */
export interface CardEdits {
  /** Shows this as soon as an edit is due; of several, only the latest. */
  show(message: SlackMessage): void;
  /** Drops what was not shown yet, and waits for the edit under way. */
  end(): Promise<void>;
}

interface Options {
  /** Milliseconds between the beginnings of two edits. */
  readonly every: number;
  /** Must not reject. */
  edit(message: SlackMessage): Promise<void>;
}

export function createCardEdits({ every, edit }: Options): CardEdits {
  let waiting: SlackMessage | undefined;
  let timer: NodeJS.Timeout | undefined;
  let current = Promise.resolve();
  let ended = false;

  /** Shows what waits, then leaves Slack in peace for a while. */
  function flush(): void {
    timer = undefined;
    const message = waiting;
    if (!message || ended) return;
    waiting = undefined;
    current = edit(message);
    timer = setTimeout(() => void current.then(flush), every);
  }

  return {
    show(message) {
      waiting = message;
      if (!timer) flush();
    },
    async end() {
      ended = true;
      clearTimeout(timer);
      await current;
    },
  };
}
