import { z } from "zod";
import { isTimeZone } from "#src/clock.ts";

const flag = z.union([z.boolean(), z.literal([0, 1]).transform(Boolean)]);

const nodeSchema = z.strictObject({
  name: z.string().min(1),
  online: z.boolean().default(true),
});

const storageSchema = z.strictObject({
  id: z.string().min(1),
  /** What it may hold: `images`, `rootdir`, `backup`, `iso`, `vztmpl`. */
  content: z.union([
    z.array(z.string()),
    z.string().transform((list) => list.split(",").map((kind) => kind.trim())),
  ]),
  /** The nodes that have it; all of them when omitted. */
  nodes: z.array(z.string()).optional(),
});

/** One guest of a seed. */
export const guestSchema = z.strictObject({
  vmid: z.int().min(100),
  kind: z.enum(["lxc", "qemu"]),
  name: z.string().min(1),
  node: z.string(),
  status: z.enum(["running", "stopped"]),
  tags: z.array(z.string()).default([]),
  /** Becomes the tag `owner-NAME`. */
  owner: z.string().optional(),
  lock: z.string().optional(),
  protection: flag.default(false),
  template: flag.default(false),
  /** Whether the HA manager looks after it. */
  ha: flag.default(false),
  notes: z.string().optional(),
  /** The VMID of the template on whose disks its own are based. */
  cloneOf: z.int().optional(),
  /** MiB. */
  memory: z.int().positive().default(512),
  /** GiB each; the first is the root disk. */
  disks: z.array(z.number().positive()).default([8]),
});

const userSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  role: z.string().min(1),
  timezone: z
    .string()
    .refine(isTimeZone, "expected an IANA time zone such as Europe/Berlin")
    .default("UTC"),
});

/**
 * A cluster to simulate and the people who use it, as a seed file holds them.
 *
 * The simulator knows nothing of the users; they are for the sandbox's policy.
 */
export const seedSchema = z
  .strictObject({
    nodes: z.array(nodeSchema).min(1),
    storages: z.array(storageSchema).default([]),
    guests: z.array(guestSchema).default([]),
    users: z.array(userSchema).default([]),
  })
  .superRefine(({ nodes, guests }, context) => {
    const nodeNames = new Set(nodes.map((node) => node.name));
    const seen = new Set<number>();
    for (const [index, { vmid, node }] of guests.entries()) {
      const path = ["guests", index];
      if (seen.has(vmid)) context.addIssue({ code: "custom", path, message: `VMID ${vmid} twice` });
      if (!nodeNames.has(node)) {
        context.addIssue({ code: "custom", path, message: `no node is named ${node}` });
      }
      seen.add(vmid);
    }
  });

/** What a seed says once it is read: every default filled in. */
export type Seed = z.output<typeof seedSchema>;
/** A seed as a person writes it, defaults left out. */
export type SeedInput = z.input<typeof seedSchema>;
export type SeedGuest = Seed["guests"][number];
