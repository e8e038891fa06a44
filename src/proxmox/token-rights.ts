import type { Clock } from "#src/clock.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { permissions } from "./responses.ts";

/** For how long an answer serves others, in milliseconds. */
const cachedFor = 30_000;

/** What the API token itself may do. */
export interface TokenRights {
  /** Its privileges on one path, as new as half a minute. */
  on(path: string, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly clock: Clock;
}

/** Asks Proxmox, which counts what is inherited and what is not propagated. */
export function createTokenRights({ client, clock }: Deps): TokenRights {
  const known = new Map<string, { readonly held: ReadonlySet<string>; readonly until: number }>();

  return {
    async on(path, signal) {
      const now = clock.now().epochMilliseconds;
      const cached = known.get(path);
      if (cached && cached.until > now) return cached.held;
      const granted = await client.get("/access/permissions", permissions, {
        parameters: { path },
        signal,
      });
      const held = new Set(Object.keys(granted[path] ?? {}));
      for (const [other, { until }] of known) if (until <= now) known.delete(other);
      known.set(path, { held, until: now + cachedFor });
      return held;
    },
  };
}
