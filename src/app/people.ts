import { readFile } from "node:fs/promises";
import type { Config } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { parsePolicyDocument } from "#src/policy/policy-document.ts";
import { createPrincipals, type Principal, type Principals } from "#src/policy/principal.ts";
import { defaultRoles, nobody, type Roles } from "#src/policy/rules.ts";

/** Who there is, and what their roles may do. */
export interface People {
  readonly principals: Principals;
  readonly roles: Roles;
}

interface Options {
  readonly config: Pick<Config, "policyFile" | "timeZone">;
  /** The sandbox's people, where it is one. */
  readonly sandboxUsers?: readonly Principal[] | undefined;
  /** What the policy file may give permissions for. */
  readonly actions: readonly string[];
  /** Everybody's time zone, whatever their own. */
  readonly timeZone?: string | undefined;
}

/**
 * The people of the policy file; without one, the sandbox's own, or on a real cluster nobody in
 * particular: then everyone may read, and nobody may change anything.
 *
 * @throws PublicError when the policy file cannot be read or is not valid.
 */
export async function readPeople(options: Options): Promise<People> {
  const { config, sandboxUsers, actions, timeZone } = options;
  const zone = timeZone ?? config.timeZone;
  const inZone = (user: Principal) => (timeZone ? { ...user, timeZone } : user);

  if (config.policyFile) {
    const raw = await readYaml(config.policyFile);
    const document = parsePolicyDocument(raw, { actions, timeZone: zone });
    const unknown = { role: document.unknownUsers, timeZone: zone };
    const principals = createPrincipals(document.users.map(inZone), unknown, document.groups);
    return { roles: document.roles, principals };
  }
  const unknown = { role: sandboxUsers ? nobody : "viewer", timeZone: zone };
  const principals = createPrincipals((sandboxUsers ?? []).map(inZone), unknown);
  return { roles: defaultRoles, principals };
}

async function readYaml(path: string): Promise<unknown> {
  // Loaded where there is a policy file only: the sandbox starts sooner without it.
  const { parse } = await import("yaml");
  try {
    return parse(await readFile(path, "utf8"));
  } catch (cause) {
    // The first line says where; those after it would quote the file.
    const [reason] = (cause as Error).message.split(":\n");
    throw new PublicError(`The policy file ${path} cannot be read (${reason}).`, { cause });
  }
}
