import { AsyncLocalStorage } from "node:async_hooks";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { AuditEntry } from "#src/audit/audit-log.ts";
import type { Principal } from "#src/policy/principal.ts";
import { judgeAct } from "./judge-act.ts";
import { type Answer, createQuestion, type Question, whyNotAnswerable } from "./question.ts";
import type { Rights } from "./rights.ts";
import type { TrueGuest, World } from "./world.ts";

/** Something that was done to the cluster or to the schedule, in the moment in which it was done. */
export interface Act {
  /** The tool that does such a thing; a move can come from two. */
  readonly tools: readonly string[];
  readonly fingerprint?: string | undefined;
  readonly deletionId?: string | undefined;
  /** Epoch milliseconds; absent for what happens at once. */
  readonly dueAt?: number | undefined;
  readonly withoutBackup?: boolean | undefined;
  readonly confirmedBy?: string | undefined;
}

/** On whose behalf something is under way, by what they really did. */
export interface Scope {
  readonly kind: "message" | "approval" | "refusal";
  readonly person: Principal;
  /** In whose name it is done, as that person is now: the same, unless somebody else approves. */
  readonly requester: Principal;
  readonly rights: Rights;
  /** Who somebody is now. */
  personOf?(id: string): Principal | undefined;
  /** What was clicked on; absent where there is no such question. */
  readonly question?: Question | undefined;
  /** Why the click must not count. */
  readonly objection?: string | undefined;
  /** Each guest as it was whenever it was looked at under this, the latest look last. */
  readonly looks: Map<string, Readonly<TrueGuest>[]>;
}

/** A deletion as the observer knows it. */
export interface KnownDeletion {
  readonly id: string;
  readonly fingerprint: string;
  readonly requestedBy: string;
}

export interface Truth {
  readonly world: World;
  readonly rights: Rights;
  readonly questions: Map<string, Question>;
  readonly deletions: Map<string, KnownDeletion>;
  /** What the audit log has taken so far. */
  readonly entries: AuditEntry[];
  /** How many it refused to take. */
  lostEntries: number;
  /** Act by act, which entry announced it. */
  readonly announced: Set<string>;
}

/** Judges by what is true and by what people really did, and by no record of the code under test. */
export interface Observer {
  readonly truth: Truth;
  readonly violations: string[];
  readonly acts: number;
  note(line: string): void;
  readonly trace: readonly string[];
  report(violation: string): void;
  /** Runs what a person has set going. */
  under<T>(scope: Scope, run: () => Promise<T>): Promise<T>;
  looked(guest: TrueGuest): void;
  acted(act: Act): void;
  audited(entry: AuditEntry): void;
  /** A question came up, as it is shown to people. */
  asked(confirmation: Confirmation, conversation: string): void;
  /** Why this answer must not count now. */
  objectionTo(id: string, answer: Omit<Answer, "now">): string | undefined;
}

const longestTrace = 200;

export function createObserver(world: World, rights: Rights, now: () => number): Observer {
  const scopes = new AsyncLocalStorage<Scope>();
  const violations: string[] = [];
  const trace: string[] = [];
  const truth: Truth = {
    world,
    rights,
    questions: new Map(),
    deletions: new Map(),
    entries: [],
    lostEntries: 0,
    announced: new Set(),
  };
  let acts = 0;

  function note(line: string): void {
    trace.push(line);
    if (trace.length > longestTrace) trace.shift();
  }

  function report(violation: string): void {
    violations.push(violation);
    note(`VIOLATION: ${violation}`);
  }

  return {
    truth,
    violations,
    get acts() {
      return acts;
    },
    trace,
    note,
    report,
    under: (scope, run) => scopes.run(scope, run),
    looked(guest) {
      const looks = scopes.getStore()?.looks;
      looks?.set(guest.fingerprint, [...(looks.get(guest.fingerprint) ?? []), { ...guest }]);
    },
    acted(act) {
      acts += 1;
      const scope = scopes.getStore();
      note(`ACT ${act.tools[0]} ${act.fingerprint ?? act.deletionId} for ${scope?.person.id}`);
      for (const violation of judgeAct(act, scope, truth)) report(violation);
    },
    audited(entry) {
      truth.entries.push(entry);
    },
    asked(confirmation, conversation) {
      const known = truth.questions.get(confirmation.id);
      const question = createQuestion(confirmation, conversation, {
        scope: scopes.getStore(),
        number: known?.number ?? truth.questions.size + 1,
        now: now(),
      });
      note(`question ${question.number}: ${confirmation.summary}`);
      // The same question again: people have seen it before, and it says what it said then.
      if (known) return;
      for (const violation of question.faults) report(violation);
      for (const older of truth.questions.values()) {
        if (older.state === "open" && question.replaces(older)) older.state = "replaced";
      }
      truth.questions.set(question.id, question);
    },
    objectionTo(id, answer) {
      return whyNotAnswerable(truth.questions.get(id), { ...answer, now: now() });
    },
  };
}
