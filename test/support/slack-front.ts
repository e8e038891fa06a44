import { onTestFinished } from "vitest";
import { createBrake } from "#src/brake/brake.ts";
import { createBrakeLever } from "#src/brake/brake-lever.ts";
import { silentLogger as log } from "#src/log.ts";
import { type PolicyDocument, simplestPolicy } from "#src/policy/policy-document.ts";
import { defaultRoles, type Roles } from "#src/policy/roles.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { registerCommands } from "#src/slack/commands/commands.ts";
import { registerHome } from "#src/slack/home/home.ts";
import { clockAt } from "./clock.ts";
import { testDatabase } from "./database.ts";
import { anEmptySchedule } from "./deletions.ts";
import { aGuestDetail, guestsOf } from "./guests.ts";
import { setUpCards } from "./slack-confirmations.ts";
import { toolsOn } from "./slack-tools.ts";

/** The guest that {@link setUpFront} knows besides alice's web-02. */
const testRunner = aGuestDetail({
  vmid: 103,
  name: "test-runner",
  fingerprint: "fp-103",
  owner: "bob",
});

interface Options {
  readonly guests?: Guests;
  readonly roles?: Roles;
  /** What the policy says besides the roles. */
  readonly policy?: Partial<PolicyDocument>;
}

/** Home and `/pve` in a fake workspace, with the model's tools on a small cluster. */
export async function setUpFront(options: Options = {}) {
  const { guests = guestsOf(aGuestDetail({ owner: "U0ALICE" }), testRunner) } = options;
  const roles = options.roles ?? defaultRoles;
  const db = await testDatabase();
  const clock = clockAt("2026-11-24T12:00:00Z");
  const deletions = await anEmptySchedule(clock, db);
  const tools = toolsOn({ guests, deletions, clock });
  const parts = await setUpCards({ db, tools, roles, clock });
  const { transport, web, identity, users, cards, executor, audit } = parts;
  const pulled = createBrake({ db, clock, log });
  const brake = createBrakeLever({ brake: pulled, audit, log, roles: () => roles });
  const services = {
    executor,
    audit,
    brake,
    deletions,
    guests,
    policy: { document: () => ({ ...simplestPolicy, roles, ...options.policy }) },
    clock: parts.clock,
    log,
  };
  const home = registerHome(transport.app, {
    services,
    web,
    users,
    questionsOf: cards.openOf,
    refreshEvery: 20,
  });
  home.start();
  onTestFinished(() => home.stop());
  registerCommands(transport.app, {
    services,
    web: web.interactive,
    identity,
    users,
    confirmations: cards,
    onChange: home.refresh,
  });
  return { ...parts, brake, deletions, home };
}
