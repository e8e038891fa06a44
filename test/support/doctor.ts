import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { diagnose } from "#src/commands/doctor/diagnose.ts";
import type { Finding, Level } from "#src/commands/doctor/finding.ts";
import type { Grant } from "#src/simulator/acl.ts";
import type { RunningSimulator } from "#test/support/simulator.ts";

export type Environment = Readonly<Record<string, string>>;

/** A folder of its own. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "doctor-"));
}

/** Serves on a free port until the test has ended, and returns where. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Everything that the doctor finds, about one thing or about all. */
export async function findingsOf(
  env: Environment,
  about?: string,
  signal = new AbortController().signal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const settings = { DATABASE_PATH: ":memory:", ...env };
  for await (const finding of diagnose(settings, signal)) findings.push(finding);
  return findings.filter((finding) => about === undefined || finding.about === about);
}

/** Those that are not well. */
export function complaints(findings: readonly Finding[], levels?: readonly Level[]) {
  const wanted = levels ?? ["note", "warning", "failure"];
  return findings.filter(({ level }) => wanted.includes(level));
}

/** The only finding of a level. */
export function only(findings: readonly Finding[], level: Level): Finding {
  const [finding, ...others] = findings.filter((one) => one.level === level);
  if (!finding || others.length > 0) {
    throw new Error(`Expected one ${level}, found: ${JSON.stringify(findings, null, 2)}`);
  }
  return finding;
}

export const tokenId = "agent@pve!main";
export const tokenSecret = "01234567-89ab-cdef-0123-456789abcdef";

/** What makes the program use the simulator, with the token of {@link grantToken}. */
export function environmentOf({ url }: RunningSimulator): Environment {
  return {
    PROXMOX_URL: url,
    PROXMOX_TOKEN_ID: tokenId,
    PROXMOX_TOKEN_SECRET: tokenSecret,
  };
}

/** Gives a separated token privileges, and its user the same unless told otherwise. */
export function grantToken(
  { controls }: RunningSimulator,
  privilegesByPath: Readonly<Record<string, string>>,
  { id = tokenId, userToo = true } = {},
): void {
  const grants: Grant[] = Object.entries(privilegesByPath).map(([path, privileges]) => ({
    path,
    privileges: privileges.split(" "),
  }));
  const mutable = grants.map(({ path, privileges }) => ({ path, privileges: [...privileges] }));
  controls.token({ id, secret: tokenSecret, grants: mutable, userToo });
}

/**
 * Does to the simulator what the lines would do to Proxmox; anything but pveum's own is refused.
 *
 * @param without a privilege that the roles are not given, for all that the lines say
 */
export function typeIn(
  simulator: RunningSimulator,
  lines: readonly string[] = [],
  without?: string,
): void {
  const roles = new Map<string, readonly string[]>();
  const unquote = (text = "") => text.replaceAll("'", "");
  for (const line of lines.filter((one) => one !== "" && !one.startsWith("#"))) {
    const role = /^pveum role add (\w+ --privs "([\w. ]+)") \|\| pveum role modify \1$/.exec(line);
    const token = /^pveum user token add (\S+) (\S+) --privsep 1$/.exec(line);
    const acl = /^pveum acl modify (\S+) --roles (\S+)( --users \S+)? --tokens (\S+)$/.exec(line);
    if (role) {
      const privileges = role[2]?.split(" ").filter((one) => one !== without) ?? [];
      roles.set(role[1]?.split(" ", 1)[0] ?? "", privileges);
    } else if (token) {
      grantToken(simulator, {}, { id: `${unquote(token[1])}!${unquote(token[2])}` });
    } else if (acl) {
      const names = acl[2]?.split(",") ?? [];
      const privileges = names.flatMap((name) => {
        const held = roles.get(name);
        if (held === undefined) throw new Error(`No role ${name} was made before: ${line}`);
        return held;
      });
      const options = { id: unquote(acl[4]), userToo: acl[3] !== undefined };
      grantToken(simulator, { [acl[1] ?? ""]: privileges.join(" ") }, options);
    } else if (!/^pveum user add '[^']+' --comment '[\w-]+'$/.test(line)) {
      throw new Error(`Not a line of pveum: ${line}`);
    }
  }
}
