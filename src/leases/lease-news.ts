import type { Temporal } from "temporal-polyfill";
import { guestLabel } from "#src/actions/guest-target.ts";
import { type Deletion, nobodyKnown } from "#src/deletions/deletion.ts";
import type { Notice } from "#src/outbox/outbox-store.ts";
import { plainText } from "#src/plain-text.ts";
import { describeTerms } from "#src/policy/lease-rules.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { isUsedUp, type LeaseSpan, whoMayLift } from "./lease-time.ts";

/** What became of a lease, for people; the deletion is its end as it is by then. */
export type LeaseNews =
  | { readonly kind: "begun" | "renewed"; readonly deletion: Deletion; readonly span: LeaseSpan }
  | { readonly kind: "put-back"; readonly deletion: Deletion; readonly from: Temporal.Instant }
  | { readonly kind: "taken-back"; readonly deletion: Deletion; readonly reason: string };

/** More are never told one by one. */
const maxTold = 20;

/**
 * What people are told of a look at the leases: the channel of all, each owner of their own; each
 * one thing, however many guests it is about.
 */
export function leaseNotices(
  news: readonly LeaseNews[],
  moment: { readonly now: Temporal.Instant; readonly timeZone: string },
): readonly Notice[] {
  const kinds = ["begun", "renewed", "put-back", "taken-back"] as const;
  return kinds.flatMap((kind) => {
    const ofKind = news.filter((one) => one.kind === kind);
    const owners = ofKind.map(({ deletion }) => deletion.requestedBy.id);
    const known = [...new Set(owners)].filter((id) => id !== nobodyKnown.id);
    const told = known.map((id) => ({
      recipient: `user:${id}`,
      own: ofKind.filter(({ deletion }) => deletion.requestedBy.id === id),
    }));
    return [{ recipient: "channel", own: ofKind }, ...told].flatMap(({ recipient, own }) =>
      noticeOf(recipient, own, moment),
    );
  });
}

type Moment = Parameters<typeof leaseNotices>[1];

function noticeOf(recipient: string, news: readonly LeaseNews[], moment: Moment): Notice[] {
  const [first, ...others] = news;
  if (!first) return [];
  const { id, revision } = first.deletion;
  const key = `${id}:${revision}:lease-${first.kind}:${recipient}`;
  const message = others.length === 0 ? describeOne(first, moment) : describeMany(news, moment);
  return [{ key, recipient, message }];
}

function describeOne(news: LeaseNews, moment: Moment): string {
  const { deletion } = news;
  const guest = guestLabel(deletion.guest);
  const end = endOf(deletion, moment);
  switch (news.kind) {
    case "begun":
      return `${guest} lives under a lease (${describeTerms(news.span.terms)}), which ends on ${end}. ${howToGoOn(deletion)}`;
    case "renewed":
      return isUsedUp(news.span, moment.now)
        ? `The lease of ${guest} has lasted as long as it may (${describeTerms(news.span.terms)}), so it is kept for a short time only: it ends on ${end}. ${whoMayLift}`
        : `The lease of ${guest} goes on, and ends on ${end}. ${howToGoOn(deletion)}`;
    case "put-back": {
      const from = describeInstant(news.from, { ...moment, timeZone: deletion.timeZone });
      return `The end of the lease of ${guest} cannot be as late as ${from}, so it is on ${end}. ${whoMayLift}`;
    }
    case "taken-back":
      return `The lease of ${guest} has no end for now: ${news.reason}.`;
  }
}

const headings: Readonly<Record<LeaseNews["kind"], string>> = {
  begun: "guests live under a lease now, which ends",
  renewed: "leases go on, and end",
  "put-back": "leases cannot end as late as they were to, and end",
  "taken-back": "leases have no end for now",
};

function describeMany(news: readonly LeaseNews[], moment: Moment): string {
  const kind = news[0]?.kind ?? "begun";
  const lines = news.slice(0, maxTold).map((one) => {
    const { guest } = one.deletion;
    const what = one.kind === "taken-back" ? one.reason : endOf(one.deletion, moment);
    return `${guestLabel(guest)}: ${what}`;
  });
  const more = news.length - lines.length;
  const closing =
    kind === "taken-back"
      ? []
      : [`Without a confirmation none of them is deleted then; a lease can be extended before.`];
  return [
    `${news.length} ${headings[kind]}:`,
    ...lines,
    ...(more > 0 ? [`and ${more} more`] : []),
    ...closing,
  ].join("\n");
}

function howToGoOn({ guest }: Deletion): string {
  const name = plainText(guest.name, 64);
  return `Without a confirmation it is not deleted then. To have longer, say "extend the lease of ${name} by a week".`;
}

function endOf({ dueAt, timeZone }: Deletion, moment: Moment): string {
  return describeInstant(dueAt, { ...moment, timeZone });
}
