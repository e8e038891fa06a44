import { existsSync } from "node:fs";
import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { openCluster, withHeldGuests } from "#src/app/cluster.ts";
import { brakeFile } from "#src/app/policy.ts";
import { policySource } from "#src/app/policy-file.ts";
import { createBrake, type Frozen } from "#src/brake/brake.ts";
import { describeFrozen } from "#src/brake/braked.ts";
import { type Clock, systemClock } from "#src/clock.ts";
import type { Config } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { createHoldStore, type HoldStore } from "#src/holds/hold-store.ts";
import { silentLogger as log } from "#src/log.ts";
import { plainText } from "#src/plain-text.ts";
import { describeHold } from "#src/policy/hold.ts";
import { judge } from "#src/policy/judge.ts";
import { describeTerms, leaseTermsFor, ownerAmong } from "#src/policy/lease-rules.ts";
import { effects } from "#src/policy/policy.ts";
import type { Known, PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principals } from "#src/policy/principal.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import { type Database, openDatabase } from "#src/storage/database.ts";
import { describeJudgement } from "./describe-judgement.ts";

/** Who wants to do what, as a person says it. */
export interface Question {
  readonly who: string;
  /** A tool, or an effect. */
  readonly act: string;
  /** A VMID or a name; read live. */
  readonly guest?: string | undefined;
}

/**
 * Whether somebody may do something, and why, in lines for a person.
 *
 * @throws PublicError when the policy is not valid, or the act or the guest does not exist.
 */
export async function explain(
  config: Config,
  question: Question,
  tools: Known["tools"],
  clock: Clock = systemClock,
): Promise<readonly string[]> {
  await using opened = await open(config, clock);
  const { sandboxUsers, proxmox, holds, db } = opened;
  const { document, principals } = await policySource({ config, sandboxUsers, tools }).load();
  const principal = personNamed(question.who, principals);
  const { act, guest: reference } = question;
  const effect =
    tools.find(({ name }) => name === act)?.effect ?? effects.find((name) => name === act);
  if (!effect) {
    const names = tools.map(({ name }) => name).join(", ");
    throw new PublicError(`There is no tool ${act}; there are ${names}.`);
  }
  const signal = AbortSignal.timeout(patience);
  const guest = reference && guestTarget(await proxmox.guests.find(reference, signal));
  const judgement = judge(document, {
    tool: act,
    effect,
    target: guest ? { guest, ...(act === "release_hold" && (await holdOn(guest, holds))) } : {},
    principal,
    now: clock.now(),
    targets: 1,
  });
  const frozen = effect === "read" ? undefined : await stateOfBrake(config, db, clock);
  return [
    `${principal.name} (${principal.id}), role ${principal.role}: ${act} (${effect})`,
    ...(guest ? [describeGuest(guest), ...describeLease(guest, document, principals)] : []),
    ...(frozen ? [describeFrozen(frozen)] : []),
    ...describeJudgement(judgement),
  ];
}

/** Milliseconds that the cluster has to answer. */
const patience = 30_000;

async function open(config: Config, clock: Clock) {
  await using opening = new AsyncDisposableStack();
  const { databasePath: path } = config;
  // What is not there yet holds nothing.
  const db = opening.adopt(await openDatabase(existsSync(path) ? path : ":memory:"), (open) =>
    open.destroy(),
  );
  const cluster = opening.adopt(await openCluster({ config: config.proxmox, clock, log }), (open) =>
    open.close(),
  );
  const holds = createHoldStore(db, clock);
  const held = withHeldGuests(cluster, { holds, clock, log });
  const opened = opening.move();
  return { ...held, db, holds, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** The hold that would be ended. */
async function holdOn({ vmid, hold }: GuestTarget, holds: Pick<HoldStore, "find">) {
  const latest = hold && (await holds.find(vmid));
  return latest && { hold: { requestedBy: latest.by.id, since: latest.since.toString() } };
}

/** The person with this id, or else the only one with this name. */
function personNamed(who: string, { known, find }: Principals) {
  const named = known.filter(({ id, name }) => id !== who && name === who);
  const [only] = named;
  const isId = known.some(({ id }) => id === who);
  return only && named.length === 1 && !isId ? only : find(who);
}

function describeGuest(guest: GuestTarget): string {
  const { owner = "nobody", pool = "none", tags } = guest;
  const held = guest.hold ? `; ${describeHold(guest.hold)}` : "";
  const facts = `owner ${owner}, pool ${pool}, tags ${tags.join(" ") || "none"}${held}`;
  return `${guestLabel(guest)}: ${plainText(facts, 400)}`;
}

/** Under which terms it lives, where it does not live until somebody deletes it. */
function describeLease(guest: GuestTarget, { leases }: PolicyDocument, { known }: Principals) {
  const terms = leaseTermsFor(leases, guest, ownerAmong(known, guest));
  return terms ? [`Its lease: ${describeTerms(terms)}.`] : [];
}

function stateOfBrake(
  { databasePath }: Config,
  db: Database,
  clock: Clock,
): Promise<Frozen | undefined> {
  return createBrake({ db, file: brakeFile(databasePath), clock, log }).state();
}
