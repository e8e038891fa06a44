import type { AuditRecord } from "#src/audit/audit-log.ts";
import { describePolicyFor } from "#src/policy/describe-policy.ts";
import { owns, type Principal } from "#src/policy/principal.ts";
import { type Permission, permissionOf } from "#src/policy/roles.ts";
import { isAlwaysConfirmed } from "#src/policy/safeguards.ts";
import type { Guest } from "#src/proxmox/guest.ts";
import type { OpenQuestion } from "#src/slack/cards/open-question.ts";
import type { SlackServices } from "#src/slack/services.ts";
import type { HomeFacts } from "./home-view.ts";

export interface HomeSources {
  readonly services: Pick<
    SlackServices,
    "executor" | "audit" | "brake" | "deletions" | "guests" | "policy" | "clock" | "log"
  >;
  /** A person's own open questions. */
  questionsOf(userId: string): Promise<readonly OpenQuestion[]>;
}

/** So many of the latest entries are looked through for what is under way. */
const entries = 500;
/** Nothing takes longer; an older one without an end was cut short. */
const longest = { hours: 6 } as const;
/** Milliseconds that a Home waits for the cluster. */
const patience = 5_000;

/** What a person's Home shows, as far as the person's role may see it. */
export async function readHomeFacts(
  { services, questionsOf }: HomeSources,
  principal: Principal,
): Promise<HomeFacts> {
  const { executor, deletions, brake } = services;
  const document = services.policy.document();
  const permissions = executor.tools.map(({ name: tool, effect }) => ({
    tool,
    permission: toldPermission(document.roles, principal.role, { tool, effect }),
  }));
  const mayUse = (name: string) =>
    permissions.some(({ tool, permission }) => tool === name && permission !== "deny");
  const [frozen, questions, open, running, guests] = await Promise.all([
    brake.state(),
    questionsOf(principal.id),
    mayUse("list_scheduled_deletions") ? deletions.listOpen() : undefined,
    mayUse("list_guests") ? readRunning(services) : undefined,
    mayUse("list_guests") ? readOwnGuests(services, principal) : undefined,
  ]);
  const rules = describePolicyFor(document, principal);
  return { frozen, principal, permissions, rules, questions, deletions: open, running, guests };
}

/** Some is confirmed by a person whatever the role says. */
function toldPermission(...[roles, role, act]: Parameters<typeof permissionOf>): Permission {
  const permission = permissionOf(roles, role, act);
  return permission === "allow" && isAlwaysConfirmed(act) ? "confirm" : permission;
}

/** What was begun and of which no end is recorded, oldest first. */
async function readRunning({
  audit,
  clock,
}: HomeSources["services"]): Promise<readonly AuditRecord[]> {
  const since = clock.now().subtract(longest).epochMilliseconds;
  const begun = new Map<string, AuditRecord>();
  for (const record of await audit.tail({ limit: entries })) {
    if (record.step === "started") begun.set(record.actionId, record);
    else begun.delete(record.actionId);
  }
  return [...begun.values()].filter(({ at }) => at >= since);
}

async function readOwnGuests(
  { guests, log }: HomeSources["services"],
  principal: Principal,
): Promise<readonly Guest[] | "unknown"> {
  try {
    const inventory = await guests.list(AbortSignal.timeout(patience));
    return inventory.guests
      .filter(({ owner }) => owner !== undefined && owns(principal, owner))
      .sort((a, b) => a.vmid - b.vmid);
  } catch (error) {
    log.info({ err: error }, "a home does not know its guests");
    return "unknown";
  }
}
