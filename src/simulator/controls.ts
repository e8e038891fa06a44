import { z } from "zod";
import type { Fault, Faults } from "./faults.ts";
import { faultSchema } from "./faults.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { guestSchema as seedGuestSchema } from "./seed.ts";
import type { Simulation } from "./simulation.ts";
import { moveDisks } from "./storages.ts";
import { createByHand, removeByHand } from "./successors.ts";
import type { SimulatedGuest } from "./world.ts";

const nodeSchema = z.strictObject({
  node: z.string(),
  online: z.boolean(),
  /** What the answering node says of one that is away. */
  reason: z.string().default("Connection refused"),
});

const guestSchema = z.strictObject({
  vmid: z.int(),
  /** It ignores a shutdown, and its agent is silent. */
  unresponsive: z.boolean().optional(),
  /** Null unlocks. */
  lock: z.string().nullable().optional(),
  /** Migrates it at once. */
  node: z.string().optional(),
  status: z.enum(["running", "stopped", "paused"]).optional(),
});

const taskEndingSchema = z.strictObject({
  /** `vzdestroy` */
  type: z.string(),
  vmid: z.int().optional(),
  exitStatus: z.string(),
  acts: z.boolean().default(false),
  times: z.int().min(1).default(1),
});

const slowTaskSchema = z.strictObject({
  type: z.string(),
  vmid: z.int().optional(),
  /** Of the simulated world's time. */
  ms: z.int().min(0),
  /** Whether the tasks hesitate before they act, or linger after it. */
  when: z.enum(["before", "after"]).default("before"),
  times: z.int().min(1).default(1),
});

const reuseSchema = seedGuestSchema.omit({ kind: true, node: true }).extend({
  name: z.string().default("successor"),
  status: z.enum(["running", "stopped"]).default("stopped"),
  /** At once, by somebody who removes the guest first; or as soon as the VMID is free. */
  when: z.enum(["now", "freed"]),
});

const verificationSchema = z.strictObject({
  /** The backup's volume id. */
  volume: z.string(),
  state: z.enum(["ok", "failed"]),
});

const tokenSchema = z.strictObject({
  /** `reader@pve!test` */
  id: z.string().regex(/^[^@!=]+@[^@!=]+![^@!=]+$/),
  secret: z.string().min(1),
  separated: z.boolean().default(true),
  /** For the token and, unless told otherwise, for its user too. */
  grants: z
    .array(
      z.strictObject({
        path: z.string().startsWith("/"),
        privileges: z.array(z.string()),
        propagate: z.boolean().default(true),
      }),
    )
    .default([]),
  /** Whether the user has the same grants; without them a separated token has nothing. */
  userToo: z.boolean().default(true),
});

/** What each command of the admin route takes. */
export const commandSchemas = {
  fault: faultSchema,
  clearFaults: z.strictObject({}),
  node: nodeSchema,
  quorum: z.strictObject({ quorate: z.boolean() }),
  guest: guestSchema,
  taskEnding: taskEndingSchema,
  slowTask: slowTaskSchema,
  reuse: reuseSchema,
  clock: z.strictObject({ aheadMs: z.int() }),
  verification: verificationSchema,
  token: tokenSchema,
  collect: z.strictObject({}),
  clearJournal: z.strictObject({}),
  reset: z.strictObject({}),
};

/** What a test or a person may do to the simulated cluster from outside of its API. */
export interface Controls {
  /** Makes the next matching requests go wrong. */
  fault(fault: Fault): void;
  clearFaults(): void;
  /** A node goes away or comes back. */
  node(change: z.input<typeof nodeSchema>): void;
  quorum(change: { readonly quorate: boolean }): void;
  /** @throws Error where there is no such guest */
  guest(change: z.input<typeof guestSchema>): void;
  /** How the next tasks of a type end. */
  taskEnding(ending: z.input<typeof taskEndingSchema>): void;
  /** How much longer the next tasks of a type take. */
  slowTask(delay: z.input<typeof slowTaskSchema>): void;
  /**
   * Another guest gets the VMID: of the same kind, on the same node, with nothing else of it.
   *
   * @throws Error where there is no such guest
   */
  reuse(successor: z.input<typeof reuseSchema>): void;
  /** The cluster's clock is that far ahead of the true time. */
  clock(change: { readonly aheadMs: number }): void;
  /**
   * A backup's content was checked.
   *
   * @throws Error where there is no such backup
   */
  verification(check: z.input<typeof verificationSchema>): void;
  /** Adds a token, with privileges of its own. */
  token(token: z.input<typeof tokenSchema>): void;
  /** Whether any task has not ended yet. */
  isAtWork(): boolean;
  /** The nodes report now, so that `cluster/resources` is fresh. */
  collect(): void;
  journal(): readonly JournalEntry[];
  clearJournal(): void;
  /** Back to the seed: no faults, no journal, no tasks, the first tokens. */
  reset(): void;
}

interface Deps {
  /** The present one; a reset replaces it. */
  readonly simulation: () => Simulation;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly reset: () => void;
  readonly setClock: (aheadMs: number) => void;
}

/** Controls of whichever simulation runs at the time of the call. */
export function createControls(deps: Deps): Controls {
  const { simulation, faults, journal, reset } = deps;

  function guestWith(vmid: number): SimulatedGuest {
    const guest = simulation().world.guests.get(vmid);
    if (!guest) throw new Error(`The simulated cluster has no guest ${vmid}.`);
    return guest;
  }

  return {
    fault: faults.add,
    clearFaults: faults.clear,
    node(change) {
      const { node: name, online, reason } = nodeSchema.parse(change);
      const node = simulation().world.nodes.get(name);
      if (!node) throw new Error(`The simulated cluster has no node ${name}.`);
      node.online = online;
      node.unreachable = reason;
      if (!online) simulation().tasks.killOn(name);
    },
    quorum({ quorate }) {
      simulation().world.quorate = quorate;
    },
    guest(change) {
      const { vmid, unresponsive, lock, node, status } = guestSchema.parse(change);
      const guest = guestWith(vmid);
      if (unresponsive !== undefined) guest.unresponsive = unresponsive;
      if (lock === null) delete guest.config.lock;
      else if (lock !== undefined) guest.config.lock = lock;
      if (node !== undefined) {
        guest.node = node;
        moveDisks(simulation().world, vmid, node);
      }
      if (status === "running" && guest.status === "stopped") guest.startedAt = simulation().now();
      if (status !== undefined) guest.status = status;
    },
    taskEnding: (ending) => simulation().tasks.end(taskEndingSchema.parse(ending)),
    slowTask: (delay) => simulation().tasks.slow(slowTaskSchema.parse(delay)),
    reuse(successor) {
      const { when, ...facts } = reuseSchema.parse(successor);
      const { kind, node } = guestWith(facts.vmid);
      const guest = { ...facts, kind, node };
      if (when === "freed") {
        simulation().world.successors.set(guest.vmid, guest);
        return;
      }
      removeByHand(simulation(), guest.vmid);
      createByHand(simulation(), guest);
    },
    clock: ({ aheadMs }) => deps.setClock(aheadMs),
    verification(check) {
      const { volume, state } = verificationSchema.parse(check);
      const { volumes } = simulation().world;
      const found = volumes.get(volume);
      if (!found?.backup) throw new Error(`The simulated cluster has no backup ${volume}.`);
      volumes.set(volume, { ...found, backup: { ...found.backup, verification: state } });
    },
    token(token) {
      const { id, secret, separated, grants, userToo } = tokenSchema.parse(token);
      const { acl } = simulation();
      const [user = ""] = id.split("!");
      acl.addToken({ id, secret, separated });
      for (const subject of userToo ? [user, id] : [id]) acl.grant(subject, grants);
    },
    isAtWork: () =>
      simulation()
        .tasks.list()
        .some(({ exitStatus }) => exitStatus === undefined),
    collect: () => simulation().collector.collect(),
    journal: journal.entries,
    clearJournal: journal.clear,
    reset,
  };
}
