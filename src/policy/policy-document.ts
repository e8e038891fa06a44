import { z } from "zod";
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
  const parsed = documentSchema(known).safeParse(raw);
  if (!parsed.success) {
    throw new PublicError(`The policy file is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  const { roles = defaultRoles, users, groups, unknown_users } = parsed.data;
  return {
    roles,
    groups,
    unknownUsers: unknown_users,
    users: users.map((user) => toPrincipal(user, known)),
  };
}

function documentSchema({ actions }: Known) {
  const roles = z.record(z.string(), z.partialRecord(z.enum(actions), z.enum(permissions)));
  return z
    .strictObject({
      roles: roles.optional(),
      users: z.array(userSchema),
      groups: z.array(groupSchema).default([]),
      unknown_users: z.string().default(nobody),
    })
    .superRefine(({ roles: named = defaultRoles, users, groups, unknown_users }, context) => {
      const isRole = (role: string) => role === nobody || Object.hasOwn(named, role);
      const complain = (path: (string | number)[], message: string) =>
        context.addIssue({ code: "custom", path, message });

      const ids = new Set<string>();
      const check = (list: "users" | "groups", { id, role }: GroupRole, index: number) => {
        if (!isRole(role)) complain([list, index, "role"], `There is no role named ${role}`);
        if (ids.has(id)) complain([list, index, "id"], `${id} is listed twice`);
        ids.add(id);
      };
      users.forEach((user, index) => {
        check("users", user, index);
      });
      groups.forEach((group, index) => {
        check("groups", group, index);
      });
      if (!isRole(unknown_users)) {
        complain(["unknown_users"], `There is no role named ${unknown_users}`);
      }
    });
}

const userSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1).optional(),
  role: z.string().min(1),
  owner: z.string().min(1).optional(),
  timezone: z
    .string()
    .refine(isTimeZone, "Expected an IANA time zone such as Europe/Berlin")
    .optional(),
});

const groupSchema = z.strictObject({ id: z.string().min(1), role: z.string().min(1) });

function toPrincipal(user: z.infer<typeof userSchema>, { timeZone }: Known): Principal {
  const { id, name = id, role, owner, timezone = timeZone } = user;
  return { id, name, role, timeZone: timezone, ...(owner !== undefined && { owner }) };
}

function isTimeZone(name: string): boolean {
  return Intl.supportedValuesOf("timeZone").includes(name) || name === "UTC";
}
