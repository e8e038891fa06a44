import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { z } from "zod";
import type { AuditLog, AuditRecord } from "#src/audit/audit-log.ts";
import { PublicError } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { plainText } from "#src/plain-text.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Database } from "#src/storage/database.ts";

/**
 * Puts into the audit log what becomes of the policy file; the channel hears of it from there. The
 * log says what is in it already, so that neither a new start nor a second process says it again.
 * Never rejects: what is in force does not depend on what is said of it.
 */
export interface PolicyNews {
  /**
   * @param before what was in force; absent at the start, when only another policy than last time
   * is news, and at the very first one none is
   */
  inForce(now: PolicyDocument, before?: PolicyDocument): Promise<void>;
  /** The file has mistakes, and what was in force stays so. Said once, until it is valid again. */
  invalid(error: unknown): Promise<void>;
}

interface Deps {
  readonly audit: Pick<AuditLog, "append" | "find">;
  readonly db: Database;
  readonly log: Logger;
}

const tool = "change_policy";
/** More mistakes are counted. */
const maxMistakes = 3;
const digested = z.object({ digest: z.string() });

export function createPolicyNews({ audit, db, log }: Deps): PolicyNews {
  // Nobody knows who has edited it; another host has another file.
  const principal = { id: `policy@${hostname()}`, name: "the policy file", role: "host" };

  async function latest(): Promise<AuditRecord | undefined> {
    const found = await audit.find({ person: principal.id, tools: [tool], limit: 1 });
    return found.records[0];
  }

  /** With what this host has begun: from now on this, if it begins now. */
  async function first(digest: string): Promise<string> {
    const host = hostname();
    await db
      .insertInto("first_policy")
      .values({ host, digest })
      .onConflict((conflict) => conflict.column("host").doNothing())
      .execute();
    const row = await db
      .selectFrom("first_policy")
      .select("digest")
      .where("host", "=", host)
      .executeTakeFirstOrThrow();
    return row.digest;
  }

  async function record(
    entry: { readonly step: "succeeded" | "refused"; input: object; message: string },
    isNews: (last: AuditRecord | undefined) => boolean | Promise<boolean>,
  ): Promise<void> {
    const actionId = randomUUID();
    try {
      const whole = { actionId, tool, target: {}, principal, ...entry };
      await audit.append(whole, async () => isNews(await latest()));
    } catch (error) {
      log.fatal({ err: error, ...entry }, "what became of the policy file was not audited");
    }
  }

  return {
    async inForce(now, before) {
      const digest = digestOf(now);
      const entry = {
        step: "succeeded",
        input: { digest },
        message: summarise(now, before),
      } as const;
      await record(entry, async (last) => {
        if (!last) return before !== undefined || (await first(digest)) !== digest;
        return last.step === "refused" || digested.safeParse(last.input).data?.digest !== digest;
      });
    },

    async invalid(error) {
      const entry = { step: "refused", input: {}, message: firstMistakes(error) } as const;
      await record(entry, (last) => last?.step !== "refused");
    },
  };
}

/** The time zone of a person, which may be given at the start, says nothing of who may do what. */
function digestOf(document: PolicyDocument): string {
  const users = document.users.map(({ timeZone: _, ...user }) => user);
  const text = JSON.stringify({ ...document, users });
  return createHash("sha256").update(text).digest("hex");
}

function firstMistakes(error: unknown): string {
  if (!(error instanceof PublicError)) return "It cannot be read.";
  const [heading = "", ...mistakes] = error.message.split("\n");
  const shown = mistakes.slice(0, maxMistakes).map((line) => plainText(line, 200));
  const more = mistakes.length - shown.length;
  const rest = more > 0 ? [`and ${more} more; npm run policy -- check says all of them`] : [];
  return mistakes.length > 0 ? [...shown, ...rest].join("\n") : plainText(heading, 300);
}

/** Which sections are others than before, and how much there is. */
function summarise(now: PolicyDocument, before?: PolicyDocument): string {
  const counts = [
    counted(Object.keys(now.roles).length, "role"),
    counted(now.users.length, "person", "people"),
    counted(now.rules.length, "rule"),
  ].join(", ");
  const changed = before ? changedSections(now, before) : [];
  if (before && changed.length === 0) return `It says what it said before: ${counts}.`;
  return changed.length > 0
    ? `Changed: ${changed.join(", ")}. It has ${counts}.`
    : `It has ${counts}.`;
}

function changedSections(now: PolicyDocument, before: PolicyDocument): readonly string[] {
  const sections = Object.keys({ ...before, ...now }) as (keyof PolicyDocument)[];
  return sections
    .filter((section) => JSON.stringify(now[section]) !== JSON.stringify(before[section]))
    .map(nameInFile);
}

function nameInFile(section: keyof PolicyDocument): string {
  if (section === "protectedGuests") return "protected";
  return section.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
