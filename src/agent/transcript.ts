import type { Item } from "./model.ts";
import type { SessionStore } from "./session-store.ts";

/** The items of one run, in memory and, as far as they are saved, in the session store. */
export interface Transcript {
  /** What the model is given: the earlier conversation, then this run. */
  items(): readonly Item[];
  add(items: readonly Item[]): void;
  /** Stores what was added since, in one transaction; what cannot be stored stays for the next. */
  save(): Promise<void>;
  /** Puts the earlier conversation, as far as it fits `maxTokens`, before this run's items. */
  recallEarlier(maxTokens: number): Promise<void>;
  /** Leaves the earlier conversation out from here on. False when there is none. */
  forgetEarlier(): boolean;
}

export function createTranscript(sessions: SessionStore, conversation: string): Transcript {
  const own: Item[] = [];
  let earlier: readonly Item[] = [];
  let saved = 0;

  return {
    items: () => [...earlier, ...own],
    add(items) {
      own.push(...items);
    },
    async save() {
      const unsaved = own.slice(saved);
      await sessions.append(conversation, unsaved);
      saved += unsaved.length;
    },
    async recallEarlier(maxTokens) {
      earlier = await sessions.load(conversation, maxTokens);
    },
    forgetEarlier() {
      const any = earlier.length > 0;
      earlier = [];
      return any;
    },
  };
}
