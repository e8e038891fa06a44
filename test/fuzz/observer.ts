import { AsyncLocalStorage } from "node:async_hooks";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { AuditEntry } from "#src/audit/audit-log.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { judgeAct } from "./judge-act.ts";
import { judgeQuestion } from "./judge-question.ts";
import { isStopped } from "./judge-scope.ts";
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
  /** What else was seen under this; absent where that is not judged. */
  readonly seen?: Seen | undefined;
}

/** What could be known under a scope, and when it began. */
export interface Seen {
  /** Of each guest, what was said to be at risk, the latest look last. */
  readonly risks: Map<string, GuestRisk[]>;
  /** The names of all guests, in lower case, whenever they were listed. */
  readonly listings: (readonly string[])[];
  /** The freeze under which each guest was looked at last; absent where there was none. */
  readonly frozenLooks: Map<string, number | undefined>;
  /** The guests that the request has changed or asked about so far. */
  readonly concerned: Set<string>;
  /** What the person has said in this conversation, until now. */
  readonly words: readonly string[];
  /** The moment in which it was said. */
  readonly since: number;
  /** The freeze in which it was said. */
  readonly freeze: number | undefined;
}

export function createSeen(truth: Truth, words: readonly string[] = []): Seen {
  return {
    risks: new Map(),
    listings: [],
    frozenLooks: new Map(),
    concerned: new Set(),
    words,
    since: nextMoment(truth),
    freeze: truth.freeze,
  };
}

/** A number that is higher than that of any moment before. */
export function nextMoment(truth: Truth): number {
  truth.moment += 1;
  return truth.moment;
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
  /** By VMID, the holds that are in force: since when and until when, in epoch milliseconds. */
  readonly held: Map<number, { readonly since: number; readonly until: number | undefined }>;
  /** What the audit log has taken so far. */
  readonly entries: AuditEntry[];
  /** How many it refused to take. */
  lostEntries: number;
  /** Act by act, which entry announced it. */
  readonly announced: Set<string>;
  /** When which destructive action was carried out, in epoch milliseconds. */
  readonly destructive: Map<string, number>;
  /** The freeze that is in force; each has a number of its own. */
  freeze: number | undefined;
  /** The moment in which each question was about to be put down. */
  readonly putDown: Map<string, number>;
  /** Counts what happens, so that one can tell what was first. */
  moment: number;
  readonly now: () => number;
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
  assessed(guest: Pick<TrueGuest, "fingerprint">, risk: GuestRisk): void;
  listed(names: readonly string[]): void;
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
    held: new Map(),
    entries: [],
    lostEntries: 0,
    announced: new Set(),
    destructive: new Map(),
    freeze: undefined,
    putDown: new Map(),
    moment: 0,
    now,
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
      const { looks, seen } = scopes.getStore() ?? {};
      if (looks) addTo(looks, guest.fingerprint, { ...guest, toStay: truth.held.get(guest.vmid) });
      seen?.frozenLooks.set(guest.fingerprint, truth.freeze);
    },
    assessed({ fingerprint }, risk) {
      const { seen } = scopes.getStore() ?? {};
      if (seen) addTo(seen.risks, fingerprint, risk);
    },
    listed(names) {
      scopes.getStore()?.seen?.listings.push(names.map((name) => name.toLowerCase()));
    },
    acted(act) {
      acts += 1;
      const scope = scopes.getStore();
      note(`ACT ${act.tools[0]} ${act.fingerprint ?? act.deletionId} for ${scope?.person.id}`);
      for (const violation of judgeAct(act, scope, truth)) report(violation);
    },
    audited(entry) {
      truth.entries.push(entry);
      const { step, tool } = entry;
      if (step === "started" && isStopped(tool, truth)) {
        report(`${tool}: it began while everything was frozen`);
      }
    },
    asked(confirmation, conversation) {
      const known = truth.questions.get(confirmation.id);
      const number = known?.number ?? truth.questions.size + 1;
      const question = createQuestion(confirmation, conversation, { number, now: now() });
      note(`question ${number}, for ${confirmation.by}: ${confirmation.summary}`);
      // The same question again: people have seen it before, and it says what it said then.
      const faults = judgeQuestion(confirmation, question, scopes.getStore(), truth);
      for (const violation of faults) report(violation);
      if (!known) truth.questions.set(question.id, question);
    },
    objectionTo(id, answer) {
      return whyNotAnswerable(truth.questions.get(id), { ...answer, now: now() });
    },
  };
}

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  lists.set(key, [...(lists.get(key) ?? []), item]);
}
