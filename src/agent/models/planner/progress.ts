import type { ActContext } from "./acts.ts";
import type { Plan, PlannedCall } from "./plan.ts";
import type { Referents } from "./referents.ts";
import type { Request } from "./requests.ts";
import type { Word } from "./words.ts";

/** What a later message said to the question that a request led to. */
export type Answer = NonNullable<ActContext["answer"]>;

/** One part of a message, and the change that it asks for. */
export interface Clause {
  readonly words: readonly Word[];
  readonly request: Request | undefined;
}

/** What every clause of a message is planned with. */
export interface Scene extends Pick<ActContext, "lexicon" | "moment" | "answer"> {
  readonly clauses: readonly Clause[];
  readonly source: string;
}

/** What the clauses so far came to. */
export interface Progress {
  readonly calls: readonly PlannedCall[];
  readonly referents: Referents;
  /** A clause has named guests, so that one without any means those. */
  readonly named: boolean;
}

/** What one more clause came to, or the sentence that leaves all of the message undone. */
export type Step = Progress | { readonly plan: Plan };
