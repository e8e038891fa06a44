import { print, printFigures, printTable, rounded } from "#test/bench/report.ts";
import { type Delays, measureBurst, measureSpread } from "./delays.ts";
import { type IdleCosts, measureIdle } from "./idle.ts";

/** How often a plain poll lists all events. */
const pollSeconds = 60;

function ratiosOf({ poll, listing }: IdleCosts) {
  return { wall: rounded(listing.p50 / poll.p50), cpu: rounded(listing.cpu / poll.cpu) };
}

function printIdle(all: readonly IdleCosts[]): void {
  const rows = all.flatMap(({ schedules, ...costs }) =>
    Object.entries({
      "tick, nothing due": costs.tick,
      "poll, nothing changed": costs.poll,
      "poll, 10 changed": costs.pollOfTen,
      "plain poll: list all": costs.listing,
    }).map(([what, { p50, p99, cpu }]) => ({
      "": `${schedules} schedules: ${what}`,
      "p50 ms": p50,
      "p99 ms": p99,
      "CPU ms": cpu,
    })),
  );
  printTable("What an idle schedule costs, in a Google calendar", rows);
}

/** A plain poll finds what is due when it comes next: half its interval later, and at most all of it. */
function plainDelays({ listing }: IdleCosts) {
  const interval = pollSeconds * 1000;
  return { p50: interval / 2 + listing.p50, p99: interval * 0.99 + listing.p50 };
}

function printDelays(spread: Delays, burst: Delays, plain: ReturnType<typeof plainDelays>): void {
  const row = (what: string, { p50, p99 }: { p50: number; p99: number }, done: string) => ({
    "": what,
    "p50 ms": Math.round(p50),
    "p99 ms": Math.round(p99),
    "all done after s": done,
  });
  printTable("From the time of a deletion until it is taken up", [
    row(`${spread.deletions} deletions, two a second`, spread, String(spread.allDoneAfter)),
    row(`${burst.deletions} deletions at once`, burst, String(burst.allDoneAfter)),
    row(`plain poll every ${pollSeconds} s (by its interval)`, plain, "-"),
  ]);
}

const idle = [await measureIdle(50), await measureIdle(50_000)] as const;
printIdle(idle);
const [few, many] = idle;
const spread = await measureSpread(120);
const burst = await measureBurst(1_000);
const plain = plainDelays(many);
printDelays(spread, burst, plain);

const ratios = {
  tick50kTo50: rounded(many.tick.p50 / few.tick.p50),
  poll50kTo50: rounded(many.poll.p50 / few.poll.p50),
  listingToPoll50: ratiosOf(few),
  listingToPoll50k: ratiosOf(many),
  plainDelayToOurs: rounded(plain.p50 / spread.p50),
};
print(
  `\nWith 50,000 schedules a tick takes ${ratios.tick50kTo50}x and a poll ${ratios.poll50kTo50}x of what they take with 50;` +
    ` listing all takes ${ratios.listingToPoll50k.wall}x a poll. A plain poll begins ${ratios.plainDelayToOurs}x as late.`,
);
printFigures({ idle, spread, burst, plain, ratios });
