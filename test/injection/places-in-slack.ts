import { Temporal } from "temporal-polyfill";
import type { ActionReport } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { AuditRecord } from "#src/audit/audit-log.ts";
import { describeFrozen } from "#src/brake/braked.ts";
import { PublicError } from "#src/errors.ts";
import type { Guest } from "#src/proxmox/guest.ts";
import { helpAnswer, pendingAnswer, reportAnswer } from "#src/slack/commands/command-answer.ts";
import { plainMessage } from "#src/slack/format/message.ts";
import { homeView } from "#src/slack/home/home-view.ts";
import { aDeletion } from "#test/support/doomed.ts";
import type { Scene } from "./scene.ts";

const link = "https://example.slack.com/archives/C1/p1";
const since = Temporal.Instant.from("2031-03-03T09:00:00Z");

/** The Home tab of who has asked, with the carrier in each of its lists, as JSON. */
export function homeAsSent(
  scene: Scene,
  confirmations: readonly Confirmation[],
  records: readonly AuditRecord[],
): string {
  const { carrier, displayName, powerFailure, event } = scene;
  const { vmid, kind, name, node, fingerprint } = carrier;
  const person = { id: "alice", name: displayName };
  const guest: Guest = {
    ...carrier,
    status: "running",
    cpu: 0,
    memoryUsed: 0,
    memoryTotal: 0,
    diskTotal: 0,
    uptime: 0,
  };
  const deletion = aDeletion({
    guest: { vmid, kind, name, node, fingerprint },
    state: "held",
    // An error that was not foreseen is told by its id only.
    reason: powerFailure instanceof PublicError ? powerFailure.message : event,
    requestedBy: person,
    confirmedBy: person,
    approvedBy: [person],
  });
  const view = homeView({
    frozen: frozenBy(scene),
    principal: { ...person, role: "admin", timeZone: "UTC" },
    permissions: [{ tool: "list_guests", permission: "allow" }],
    rules: [],
    questions: confirmations.map((confirmation) => ({ confirmation, link })),
    deletions: [deletion],
    running: records.filter(({ step }) => step === "started"),
    guests: [guest],
  });
  return JSON.stringify(withoutLink(view));
}

/** What `/pve` answers, as JSON. */
export function commandsAsSent(
  scene: Scene,
  confirmations: readonly Confirmation[],
  reports: readonly ActionReport[],
): string {
  const questions = confirmations.map((confirmation) => ({ confirmation, link }));
  const messages = [
    helpAnswer(`There is no command "${scene.event ?? scene.othersWords}".`),
    pendingAnswer(questions),
    plainMessage(describeFrozen(frozenBy(scene))),
    ...reports.flatMap(reportAnswer),
  ];
  return JSON.stringify(withoutLink(messages));
}

/** Somebody has stopped everything, for whatever reason. */
function frozenBy({ displayName, othersWords = "" }: Scene) {
  return { by: displayName, reason: othersWords, since, release: "Say /pve unfreeze." };
}

/** The one link that is ours. */
function withoutLink(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(`<${link}|answer it there>`, "there"));
}
