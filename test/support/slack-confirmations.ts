import { onTestFinished } from "vitest";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { defineTool, type Tool, type ToolContext } from "#src/actions/tool.ts";
import { silentLogger } from "#src/log.ts";
import { policyOf } from "#src/policy/judge.ts";
import type { Decision } from "#src/policy/policy.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { createPrincipals, type Principal } from "#src/policy/principal.ts";
import { defaultRoles, type Roles } from "#src/policy/roles.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import { type CardTiming, registerConfirmations } from "#src/slack/confirmations/confirmations.ts";
import { readIdentity } from "#src/slack/identity.ts";
import type { WorkerLimits } from "#src/slack/transport/worker.ts";
import { createSlackUsers } from "#src/slack/users.ts";
import type { Database } from "#src/storage/database.ts";
import { anyInput, aTarget, setUpExecutor } from "./actions.ts";
import type { ManualClock } from "./clock.ts";
import { testDatabase } from "./database.ts";
import type { Message } from "./fake-slack/messages.ts";
import { type RunningFakeSlack, startFakeSlack, testTransport } from "./slack-transport.ts";

const people = [
  { id: "U0ALICE", name: "Alice", role: "operator", timeZone: "Europe/Berlin" },
  { id: "U0BOB", name: "Bob", role: "operator", timeZone: "America/New_York" },
] as const;
export const [alice, bob]: readonly [Principal, Principal] = people;

type Act = (context: ToolContext) => Promise<void>;

/** Tools that ask for a confirmation, on the guest that their input names or on test-runner. */
export function confirmableTools(act: Act): readonly Tool[] {
  return (["stop_guest", "schedule_deletion"] as const).map((name) =>
    defineTool({
      name,
      description: name,
      effect: name === "stop_guest" ? "disruptive" : "destructive",
      input: anyInput,
      async plan(input) {
        const guest = aTarget(input as Partial<GuestTarget>);
        const verb = name === "stop_guest" ? "Cut the power of" : "Delete";
        const at = name === "schedule_deletion" && { at: "2026-11-27T17:00:00Z" };
        return { summary: `${verb} ${guest.name} (CT ${guest.vmid}).`, target: { guest, ...at } };
      },
      async apply(_, context) {
        await act(context);
        return { kind: "done", output: "ok", upid: "UPID:pve1:1:2:3:vzstop:103:a@pve!b:" };
      },
    }),
  );
}

interface Options {
  readonly act?: Act;
  /** In the place of {@link confirmableTools}. */
  readonly tools?: readonly Tool[];
  readonly roles?: Roles;
  /** In the place of the default policy's decisions. */
  readonly decide?: () => Decision;
  /** Whom the policy names as approvers; nobody when omitted. */
  readonly approvers?: ReadonlySet<string>;
  readonly slack?: RunningFakeSlack;
  readonly db?: Database;
  readonly timing?: Partial<CardTiming>;
  readonly limits?: Partial<WorkerLimits>;
  /** Tuesday noon when omitted, as in the workspace. */
  readonly clock?: ManualClock;
  /** Seconds by which the clock is ahead of the workspace's. */
  readonly later?: number;
  /** Not started: nothing arrives, and no card is looked after. */
  readonly idle?: boolean;
}

/** A workspace whose clock stands where {@link setUpExecutor}'s does. */
export function standingSlack(): Promise<RunningFakeSlack> {
  return startFakeSlack({ now: () => Date.parse("2026-11-24T12:00:00Z") });
}

/** Confirmations in a fake workspace: real transport, executor, policy, audit log and stores. */
export async function setUpCards(options: Options = {}) {
  const { act, slack, db, timing, later = 0, idle, roles } = options;
  const database = db ?? (await testDatabase());
  const acts: ToolContext[] = [];
  const confirmable = confirmableTools(async (context) => {
    acts.push(context);
    await act?.(context);
  });
  const byDefault = policyOf({ ...simplestPolicy, roles: roles ?? defaultRoles });
  const parts = setUpExecutor(
    database,
    options.tools ?? confirmable,
    options.decide ? { evaluate: options.decide } : byDefault,
    options.clock,
    ({ id }) => options.approvers?.has(id) ?? false,
  );
  const { executor, audit, confirmations, clock } = parts;
  clock.advance({ seconds: later });
  const { fake, transport, web, ...running } = await testTransport({
    db: database,
    slack: slack ?? (await standingSlack()),
    limits: { firstPause: 10, drain: 50, afterAbort: 2_000, ...options.limits },
  });
  const identity = await readIdentity(web.interactive, new AbortController().signal);
  const log = silentLogger;
  const principals = createPrincipals([alice, bob], { role: "nobody", timeZone: "UTC" });
  const users = createSlackUsers({
    web: web.interactive,
    identity,
    principals,
    externals: "refuse",
    clock,
    log,
  });
  const notes: string[] = [];
  const cards = registerConfirmations(transport.app, {
    services: {
      agent: {
        run: () => Promise.reject(new Error("No run is asked for.")),
        note: async (_, text) => void notes.push(text),
      },
      executor,
      confirmations,
      audit,
      risks: {
        read: async () => ({
          status: "running",
          disks: [{ key: "rootfs", volume: "local-lvm:vm-102-disk-0", size: "8G" }],
          snapshots: ["before-upgrade"],
        }),
      },
      clock,
      log,
    },
    web,
    identity,
    users,
    channel: "C0PROXMOX",
    timing: { editEvery: 20, tidyEvery: 20, ...timing },
  });
  if (!idle) {
    await transport.start();
    cards.start();
    onTestFinished(() => cards.stop());
  }

  const root = fake.person("U0ALICE").says("C0PROXMOX", "please");
  const conversation = `slack:${identity.teamId}/C0PROXMOX/${root.ts}`;

  /** Has somebody ask for what needs a confirmation. */
  async function ask(tool: "stop_guest" | "schedule_deletion", input = {}, who = alice) {
    const call = { tool, input };
    const { outcome } = await executor.submit(call, { ...parts.context(who), conversation });
    if (outcome.kind !== "awaiting-confirmation") throw new Error(`unexpected ${outcome.kind}`);
    return outcome.confirmation;
  }
  /** The card's message as it is now. */
  async function cardOf({ id }: Pick<Confirmation, "id">): Promise<Message> {
    const found = await confirmations.find(id);
    const card = fake.messages().find(({ channel, ts }) => `${channel}/${ts}` === found?.place);
    if (!card) throw new Error(`There is no card of ${id}.`);
    return card;
  }
  /** Asks, and shows the card. */
  async function askAndPost(...asked: Parameters<typeof ask>) {
    const confirmation = await ask(...asked);
    await cards.post([confirmation]);
    return { confirmation, card: await cardOf(confirmation) };
  }
  /** Resolves once the thread has a message of ours that matches. */
  const thread = (matching: string | RegExp) =>
    fake.waitForMessage({ channel: "C0PROXMOX", thread: root.ts, matching });

  return {
    ...parts,
    ...running,
    fake,
    transport,
    web,
    identity,
    users,
    cards,
    acts,
    notes,
    root,
    conversation,
    ask,
    askAndPost,
    cardOf,
    thread,
    db: database,
    slack: { fake, connection: running.connection },
    aliceInSlack: fake.person("U0ALICE"),
    bobInSlack: fake.person("U0BOB"),
  };
}

/** Whether people can still press anything there. */
export function hasButtons({ blocks }: Pick<Message, "blocks">): boolean {
  return blocks.some(({ type }) => type === "actions");
}
