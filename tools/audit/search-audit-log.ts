import { defineTool, type Tool, type ToolContext, ToolError } from "#src/actions/tool.ts";
import { toolsOfAct } from "#src/audit/action-words.ts";
import type { AuditLog, AuditRecord } from "#src/audit/audit-log.ts";
import { narrateRecord } from "#src/audit/describe-record.ts";
import { plainText } from "#src/plain-text.ts";
import { type PastTime, readPastTime } from "#src/when/past-time.ts";
import { defineInput, z } from "#tools/schema.ts";

interface Deps {
  readonly audit: Pick<AuditLog, "find">;
}

const maxRows = 50;
const usualRows = 20;

const acts = Object.keys(toolsOfAct) as [keyof typeof toolsOfAct, ...(keyof typeof toolsOfAct)[]];

const time = z.string().nullable();
const input = defineInput(
  z.object({
    guest: z
      .union([z.string(), z.number(), z.null()])
      .describe("VMID or exact name, past ones too"),
    person: z.string().nullable().describe('Id or name of who asked or confirmed; "me"'),
    action: z.enum(acts).nullable().describe("Only this"),
    since: time.describe('The user\'s own words ("yesterday"), not converted'),
    until: time.describe('To the end of that; "what did bob do yesterday": it is in both'),
    limit: z.number().nullable().describe(`At most ${maxRows}`),
  }),
);

type Search = ReturnType<typeof input.parse>;

/** Answers from the audit log who did what to which guest, and how that ended. */
export function searchAuditLog({ audit }: Deps): Tool {
  return defineTool({
    name: "search_audit_log",
    description: "Look up who did, asked for, confirmed or was denied which change, and when.",
    effect: "read",
    input,
    async run(search, context) {
      const { records, more } = await audit.find(queryOf(search, context));
      if (records.length === 0) {
        return "The audit log has no such entry. It knows only what was asked of this assistant.";
      }
      const { timeZone } = context.principal;
      return [
        `The audit log, oldest first, times in ${timeZone}:`,
        ...withoutBeginnings(records).map((record) => narrateRecord(record, timeZone)),
        ...(more
          ? ["There are earlier entries, which are not shown: ask for a shorter time."]
          : []),
      ].join("\n");
    },
  });
}

function queryOf({ guest, person, action, since, until, limit }: Search, context: ToolContext) {
  const first = since === null ? undefined : pastTime(since, context);
  const last = until === null ? undefined : pastTime(until, context);
  return {
    guest: guest === null ? undefined : guestKey(guest),
    person: person === null ? undefined : personKey(person, context),
    tools: action === null ? undefined : toolsOfAct[action],
    since: first?.from.epochMilliseconds,
    until: last?.to.epochMilliseconds,
    limit: Math.min(Math.max(Math.floor(limit ?? usualRows), 1), maxRows),
  };
}

/** A VMID as a number, however it is written; else a name, without the rest of a guest's label. */
function guestKey(guest: string | number): string | number {
  const text = String(guest).trim();
  const [, vmid] = /^(?:(?:ct|vm|lxc|vmid|#) ?)?(\d{1,9})$/i.exec(text) ?? [];
  if (vmid !== undefined) return Number(vmid);
  return text.replace(/^(?:ct|vm) | on \S+$| \(.*\)$/gi, "");
}

function personKey(person: string, { principal }: ToolContext): string {
  const name = person.trim().replace(/^<?@|>$/g, "");
  return /^(?:me|i|myself)$/i.test(name) ? principal.id : name;
}

function pastTime(words: string, { askedAt, principal }: ToolContext): PastTime {
  const found = readPastTime(words, { now: askedAt, timeZone: principal.timeZone });
  if (found) return found;
  throw new ToolError(
    `I do not understand "${plainText(words, 60)}" as a time in the past. Since when, or until when?`,
  );
}

/** Without the beginnings of what is seen to have ended. */
function withoutBeginnings(records: readonly AuditRecord[]): readonly AuditRecord[] {
  const ended = new Set(records.filter(isEnd).map(({ actionId }) => actionId));
  return records.filter(({ step, actionId }) => step !== "started" || !ended.has(actionId));
}

function isEnd({ step }: AuditRecord): boolean {
  return step === "succeeded" || step === "unchanged" || step === "failed";
}
