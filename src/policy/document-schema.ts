import { z } from "zod";
import { isTimeZone } from "#src/clock.ts";
import { expectationSchema } from "./expectation-schema.ts";
import { verdicts } from "./file-rule.ts";
import { toVmidRange } from "./guest-selector.ts";
import { toHoursOfDay, weekdays } from "./hours.ts";
import { toDays } from "./lease-rules.ts";
import { effects } from "./policy.ts";
import { brakeTools, defaultRoles, nobody, type Permission, permissions } from "./roles.ts";

/** The policy file as people write it; the names of its roles have to be known to judge it. */
export function documentSchema(tools: readonly string[], roleNames: readonly string[]) {
  const action = z.enum([...effects, ...tools]);
  const role = z.string().refine((name) => roleNames.includes(name), {
    error: ({ input }) => `There is no role named ${input}; there are ${roleNames.join(", ")}`,
  });
  const who = z.strictObject({
    users: z.array(name).optional(),
    groups: z.array(name).optional(),
    roles: z.array(role).optional(),
  });
  const rule = z.strictObject({
    who: who.optional().describe("Any of these; without it, everybody who has a role."),
    do: z.array(action).optional().describe("Tools and effects; without it, every change."),
    guests: selector.optional(),
    hours: z.union([hoursOfDay, hours], { error: hoursExpected }).optional(),
    // biome-ignore lint/suspicious/noThenProperty: the policy file's word, and nobody awaits it
    then: z.enum(verdicts),
    because: sentence.optional().describe("The reason, in a sentence that people are told."),
  });
  return z.strictObject({
    roles: z.record(z.string(), permissionsOf([...effects, ...tools])).optional(),
    users: z.array(user.extend({ role })),
    groups: z.array(z.strictObject({ id: name, role })).default([]),
    unknown_users: role.default(nobody),
    rules: z
      .array(rule)
      .default([])
      .describe("The first one that matches decides, before the roles do."),
    approvers: who.optional().describe("Who may confirm what others ask for."),
    allowed_guests: guestList
      .nullable()
      .optional()
      .describe("The only guests that anybody may change; empty, there are none."),
    denied_guests: guestList.nullable().optional().describe("Guests that nobody may change."),
    protected: guestNames.default({}).describe("Guests that nobody may delete."),
    limits: limits.default({}),
    read_only: z.boolean().default(false).describe("Nobody may change anything."),
    escalations: escalations
      .default({})
      .describe("One that holds asks for a confirmation, two for a second person."),
    leases: z
      .array(leaseOf(role))
      .default([])
      .describe("How long guests may live; of several that fit, the first one counts."),
    tests: z.array(expectationSchema(action)).optional(),
  });
}

/** The furthest end lies within what all of it may last, and the usual end before both. */
function leaseOf(role: z.ZodType<string>) {
  return z
    .strictObject({
      guests: places.optional(),
      owners: z
        .strictObject({ users: z.array(name).optional(), roles: z.array(role).optional() })
        .optional()
        .describe("Who the guest's owner is, of the users above; without it, anybody or nobody."),
      default: days.describe("Until its end when nobody says when, and what keeping it adds."),
      maximum: days.optional().describe("The furthest ahead that its end may be put."),
      total: days.optional().describe("From the lease's beginning to its last end."),
    })
    .superRefine(({ default: usual, maximum, total }, { addIssue }) => {
      const shorter = (one: string | undefined, other: string | undefined) =>
        one !== undefined && other !== undefined && Number(toDays(one)) < Number(toDays(other));
      const issue = (path: string, than: string) =>
        addIssue({ code: "custom", path: [path], message: `This is less than ${than}` });
      if (shorter(maximum, usual)) issue("maximum", "default");
      if (shorter(total, maximum ?? usual)) issue("total", maximum ? "maximum" : "default");
    });
}

/** What a role may have lines for; using the brake waits for nobody's confirmation. */
function permissionsOf(acts: readonly string[]) {
  const permitted = new Map<string, z.ZodType<Permission>>();
  for (const act of acts) permitted.set(act, z.enum(permissions));
  for (const tool of brakeTools) permitted.set(tool, z.enum(["allow", "deny"]));
  const lines = [...permitted].map(([act, permission]) => [act, permission.optional()] as const);
  return z.strictObject(Object.fromEntries(lines));
}

/** The names of the roles that a file has, read off first so that all mistakes come at once. */
export function roleNamesOf(raw: unknown): readonly string[] {
  const named = z.object({ roles: z.record(z.string(), z.unknown()) }).safeParse(raw);
  return [nobody, ...Object.keys(named.data?.roles ?? defaultRoles)];
}

export type DocumentInput = z.infer<ReturnType<typeof documentSchema>>;

const name = z.string().min(1);
const sentence = z.string().min(1).max(300);
const timezone = z
  .string()
  .refine(isTimeZone, "Expected an IANA time zone such as Europe/Berlin")
  .optional();

const user = z.strictObject({
  id: name,
  name: name.optional(),
  role: z.string(),
  owner: name.optional(),
  timezone,
});

const vmid = z.union([z.int(), z.string()]).refine((value) => toVmidRange(value) !== undefined, {
  error: "Expected a VMID such as 104, or a range such as 100-199, from the lower to the higher",
});
const guestNames = z.strictObject({
  vmids: z.array(vmid).optional(),
  tags: z.array(name).optional(),
  pools: z.array(name).optional(),
});
const guestList = guestNames.extend({
  file: name.optional().describe("A file beside this one, with a VMID or a range on each line."),
});
const places = guestNames
  .extend({ nodes: z.array(name).optional() })
  .describe("All of these have to hold.");
const selector = places
  .extend({
    owner: name.optional().describe("self, other, none, or the NAME of the tag owner-NAME"),
  })
  .describe("All of these have to hold.");

const days = z.string().refine((text) => toDays(text) !== undefined, {
  error: "Expected days or weeks such as 14d or 2w",
});

const hoursExpected =
  "Expected hours such as 22:00-06:00, or {between: 22:00-06:00, days: [sat, sun], timezone: Europe/Berlin}";
const hoursOfDay = z.string().refine((text) => toHoursOfDay(text) !== undefined, {
  error: hoursExpected,
});
const hours = z.strictObject({
  between: hoursOfDay.optional(),
  days: z.array(z.enum(weekdays)).optional(),
  timezone,
});

const limits = z.strictObject({
  destructive_per_hour: z.int().min(0).optional(),
  targets_per_request: z.int().min(1).optional(),
  open_confirmations_per_user: z.int().min(0).optional(),
  messages_per_minute: z
    .int()
    .min(1)
    .optional()
    .describe("Messages of one person that are answered in Slack; 30 if it is left out."),
});

const escalations = z.strictObject({
  tags: z.array(name).optional(),
  not_owner: z.boolean().optional(),
  busy: z.boolean().optional(),
  no_backup: z.boolean().optional(),
  more_than: z.int().min(0).optional().describe("How many guests a request may concern."),
  not_named: z.boolean().optional(),
});
