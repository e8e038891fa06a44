import { timingSafeEqual } from "node:crypto";
import { forbidden } from "./api-error.ts";
import { allPrivileges } from "./privileges.ts";

/** Who calls: a user by one of their tokens. */
export interface Caller {
  /** `assistant@pve` */
  readonly user: string;
  /** `bot`; absent for what the cluster does by itself. */
  readonly tokenName?: string | undefined;
}

/** Privileges on a path and, unless it says otherwise, on everything below. */
export interface Grant {
  readonly path: string;
  readonly privileges: readonly string[];
  readonly propagate?: boolean | undefined;
}

/** An API token. */
export interface Token {
  /** `assistant@pve!bot` */
  readonly id: string;
  readonly secret: string;
  /** Whether it has only what both its user and itself were granted. */
  readonly separated: boolean;
}

type Privileges = ReadonlySet<string>;

/** Tokens and what they may do. */
export interface Acl {
  addToken(token: Token): void;
  /** Grants to a user (`a@pve`) or a token (`a@pve!b`); several on one path add up. */
  grant(subject: string, grants: readonly Grant[]): void;
  /** Forgets what was granted on the path itself. */
  revokeAll(path: string): void;
  /** Who the Authorization header belongs to; undefined where it fits no token. */
  authenticate(header: string): Caller | undefined;
  /** Whether the caller has the privilege, or one of several (`A|B`). */
  allows(caller: Caller, path: string, privilege: string): boolean;
  /** @throws ApiError 403 */
  demand(caller: Caller, path: string, privilege: string): void;
  /** Everything the caller has on the path. */
  privilegesOn(caller: Caller, path: string): Privileges;
  /** The paths on which anything was granted. */
  paths(): readonly string[];
}

const everything: Privileges = new Set(allPrivileges);
const nothing: Privileges = new Set();

/** `poolOf` names the pool that a guest's path belongs to: its privileges hold there too. */
export function createAcl(poolOf: (path: string) => string | undefined): Acl {
  const tokens = new Map<string, Token>();
  const grantsByPath = new Map<string, Map<string, { set: Privileges; propagate: boolean }>>();

  /** A grant on a deeper path replaces what is inherited; it does not add to it. */
  function granted(subject: string, path: string, exact = true): Privileges {
    const grant = grantsByPath.get(path)?.get(subject);
    if (grant && (exact || grant.propagate)) return grant.set;
    if (path === "/") return nothing;
    return granted(subject, path.slice(0, path.lastIndexOf("/")) || "/", false);
  }

  function withPool(subject: string, path: string): Privileges {
    const pool = poolOf(path);
    const own = granted(subject, path);
    return pool ? own.union(granted(subject, `/pool/${pool}`)) : own;
  }

  function privilegesOn({ user, tokenName }: Caller, path: string): Privileges {
    const ofUser = user === "root@pam" ? everything : withPool(user, path);
    const token = tokens.get(`${user}!${tokenName}`);
    if (!token?.separated) return ofUser;
    const ofToken = withPool(token.id, path);
    return user === "root@pam" ? ofToken : ofUser.intersection(ofToken);
  }

  function allows(caller: Caller, path: string, privilege: string): boolean {
    const held = privilegesOn(caller, path);
    return privilege.split("|").some((one) => held.has(one));
  }

  return {
    addToken: (token) => void tokens.set(token.id, token),
    grant(subject, grants) {
      for (const { path, privileges, propagate = true } of grants) {
        const subjects = grantsByPath.get(path) ?? new Map();
        const before = subjects.get(subject)?.set ?? nothing;
        subjects.set(subject, { set: before.union(new Set(privileges)), propagate });
        grantsByPath.set(path, subjects);
      }
    },
    revokeAll: (path) => void grantsByPath.delete(path),
    authenticate(header) {
      const [, id = "", secret = ""] = /^PVEAPIToken=([^=]+)=(.+)$/.exec(header) ?? [];
      const token = tokens.get(id);
      if (!token || !sameSecret(token.secret, secret)) return undefined;
      const [user = "", tokenName] = id.split("!");
      return { user, tokenName };
    },
    allows,
    demand(caller, path, privilege) {
      if (!allows(caller, path, privilege)) throw forbidden(path, privilege);
    },
    privilegesOn,
    paths: () => [...grantsByPath.keys()],
  };
}

/** How tasks name a caller: `assistant@pve!bot`. */
export function callerId({ user, tokenName }: Caller): string {
  return tokenName === undefined ? user : `${user}!${tokenName}`;
}

function sameSecret(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
