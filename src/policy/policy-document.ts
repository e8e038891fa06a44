import { z } from "zod";
import { isTimeZone } from "#src/clock.ts";
import { PublicError } from "#src/errors.ts";
import type { GroupRole, Principal } from "./principal.ts";
import { defaultRoles, nobody, permissions, type Roles } from "./rules.ts";

/** Who may do what, as the policy file says it. */
export interface PolicyDocument {
  readonly roles: Roles;
  readonly users: readonly Principal[];
  /** Roles of whole groups of Slack, the one that counts most first. */
  readonly groups: readonly GroupRole[];
  /** The role of somebody whom the file does not name. */
  readonly unknownUsers: string;
}

interface Known {
  /** Everything that a role may be given a permission for: tool names and effects. */
  readonly actions: readonly string[];
  /** For users without a zone of their own. */
  readonly timeZone: string;
}

/**
 * Checks a parsed policy file. A file that is wrong anywhere is refused as a whole: a policy is
 * never half in force.
 *
 * @throws PublicError that lists every mistake at once.
 */
export function parsePolicyDocument(raw: unknown, known: Known): PolicyDocument {
  const parsed = documentSchema(known, raw).safeParse(raw);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(
      ({ path, message }) => `- ${z.core.toDotPath(path) || "the whole file"}: ${message}`,
    );
    throw new PublicError(["The policy file is not valid:", ...mistakes].join("\n"));
  }
  const { roles = defaultRoles, users, groups, unknown_users } = parsed.data;
  return {
    roles,
    groups,
    unknownUsers: unknown_users,
    users: users.map((user) => toPrincipal(user, known)),
  };
}

function documentSchema({ actions }: Known, raw: unknown) {
  const permissionsByAction = z.partialRecord(z.enum(actions), z.enum(permissions));
  const role = roleSchema(raw);
  return z
    .strictObject({
      roles: z.record(z.string(), permissionsByAction).optional(),
      users: z.array(userSchema.extend({ role })),
      groups: z.array(z.strictObject({ id: z.string().min(1), role })).default([]),
      unknown_users: role.default(nobody),
    })
    .superRefine(({ users, groups }, context) => {
      const ids = new Set<string>();
      const check = (list: "users" | "groups", id: string, index: number) => {
        const message = `${id} is listed twice`;
        if (ids.has(id)) context.addIssue({ code: "custom", path: [list, index, "id"], message });
        ids.add(id);
      };
      for (const [index, { id }] of users.entries()) check("users", id, index);
      for (const [index, { id }] of groups.entries()) check("groups", id, index);
    });
}

/** The name of a role that the file has, read off first so that all mistakes come at once. */
function roleSchema(raw: unknown) {
  const named = z.object({ roles: z.record(z.string(), z.unknown()) }).safeParse(raw);
  const names = [nobody, ...Object.keys(named.data?.roles ?? defaultRoles)];
  return z.string().refine((name) => names.includes(name), {
    error: ({ input }) => `There is no role named ${input}; there are ${names.join(", ")}`,
  });
}

const userSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1).optional(),
  role: z.string(),
  owner: z.string().min(1).optional(),
  timezone: z
    .string()
    .refine(isTimeZone, "Expected an IANA time zone such as Europe/Berlin")
    .optional(),
});

function toPrincipal(user: z.infer<typeof userSchema>, { timeZone }: Known): Principal {
  const { id, name = id, role, owner, timezone = timeZone } = user;
  return { id, name, role, timeZone: timezone, ...(owner !== undefined && { owner }) };
}
