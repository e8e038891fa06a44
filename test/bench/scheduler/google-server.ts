import { Temporal } from "temporal-polyfill";
import { startFakeGoogle } from "#test/support/fake-google/fake-google.ts";

/** What the parent asks for. */
export type GoogleCommand =
  /** Makes events of these ids, which start at that time. */
  | { readonly add: readonly string[]; readonly startsAt: string }
  /** Gives these events new versions, as Google does when a person edits them. */
  | { readonly touch: readonly string[] };

/** What this process tells its parent: where the calendar is, then that a command is done. */
export type GoogleMessage =
  | {
      readonly calendarId: string;
      readonly credentials: string;
      readonly apiRootUrl: string;
      readonly tokenUrl: string;
    }
  | { readonly done: true };

function tell(message: GoogleMessage): void {
  process.send?.(message);
}

const { calendar, account, apiRootUrl, tokenUrl } = await startFakeGoogle();
tell({ calendarId: calendar.id, credentials: account.keyJson, apiRootUrl, tokenUrl });

process.on("message", (command: GoogleCommand) => {
  if ("touch" in command) {
    for (const id of command.touch) calendar.touch(id);
  } else {
    const startsAt = Temporal.Instant.from(command.startsAt);
    const time = (instant: Temporal.Instant) => ({ dateTime: instant.toString() });
    const start = time(startsAt);
    const end = time(startsAt.add({ minutes: 30 }));
    const summary = "Delete guest (CT 101 on pve1)";
    for (const id of command.add) calendar.insert({ id, summary, start, end }, account.email);
  }
  tell({ done: true });
});
