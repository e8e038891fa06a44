import type { SectionBlock } from "@slack/types";
import { losesGuest } from "#src/actions/blast-radius.ts";
import { describeBriefLoss } from "#src/actions/brief-loss.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { OneOfDeletions } from "#src/policy/target.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { code, localTime, section, sectionLength } from "./card.ts";

/**
 * Characters of all guests together: Slack refuses a message with more than about 13,200, and the
 * rest of a card takes less than 4,000.
 */
const listLength = 9_000;

/** What each of several guests would lose; nothing for a card that is about one. */
export function guestSections(
  confirmation: Confirmation,
  risks: readonly GuestRisk[],
): readonly SectionBlock[] {
  const { target, requestedAt: now } = confirmation;
  if (!target.deletions || !losesGuest(confirmation)) return [];
  const entries = target.deletions.map((deletion, index) => {
    const loss = { risk: risks[index] ?? {}, withoutBackup: deletion.withoutBackup === true, now };
    const facts = describeBriefLoss(loss, { name: code, instant: localTime });
    return { name: nameOf(deletion), facts };
  });
  return inSections(withinList(entries));
}

interface Entry {
  readonly name: string;
  readonly facts: string;
}

/** Every guest by its name, and the facts of as many as fit. */
function withinList(entries: readonly Entry[]): readonly string[] {
  let room = listLength - entries.reduce((sum, { name }) => sum + name.length + 2, 0);
  let left = 0;
  const lines = entries.map(({ name, facts }) => {
    room -= facts.length + 1;
    if (room >= 0) return `${name}\n${facts}`;
    left += 1;
    return name;
  });
  const rest = `… and the facts of ${left} more of these, for which there is no room here`;
  return left > 0 ? [...lines, rest] : lines;
}

function nameOf({ guest }: OneOfDeletions): string {
  const { name, kind, vmid, node, owner } = guest;
  const place = `${kind.toUpperCase()} ${vmid} on ${code(node)}`;
  return `• ${code(name)} (${place})${owner ? `, owner ${code(owner)}` : ""}`;
}

/** Lines in as few sections as hold them whole. */
function inSections(lines: readonly string[]): readonly SectionBlock[] {
  const sections: string[][] = [];
  let room = 0;
  for (const line of lines) {
    room -= line.length + 1;
    const last = sections.at(-1);
    if (last && room >= 0) {
      last.push(line);
      continue;
    }
    sections.push([line]);
    room = sectionLength - line.length;
  }
  return sections.map(section);
}
