import type { CalendarEditor } from "#src/calendar/local/local-calendar.ts";
import type { NoticeServices } from "#src/chat/notices.ts";
import type { Config } from "#src/config.ts";
import type { Logger } from "#src/log.ts";
import type { App } from "./app.ts";

/** The schedule of deletions as the terminal has a part in it. */
export interface TerminalSchedule extends AsyncDisposable {
  /** For whoever says notices; absent where Slack says them. */
  readonly notices?: NoticeServices | undefined;
  /** To edit our own calendar; absent where people have another. */
  readonly calendar?: CalendarEditor | undefined;
}

/**
 * Carries the schedule out until it is disposed of. Where Slack is configured, the program that
 * people talk to there does that, and nothing runs here.
 */
export function runSchedule(
  app: App,
  { slack, timeZone }: Pick<Config, "slack" | "timeZone">,
  log: Logger,
): TerminalSchedule {
  if (slack) return { calendar: app.calendar, [Symbol.asyncDispose]: async () => {} };
  const stopping = new AbortController();
  // Whoever is at the terminal can be heard.
  const loop = app.schedule.loop(() => true);
  loop.start();
  return {
    notices: { ...app, log, timeZone },
    calendar: app.calendar && followed(app.calendar, follow),
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error("The program ends."));
      await loop.stop();
    },
  };

  async function follow(): Promise<void> {
    const reading = app.schedule.scheduler.poll({ seconds: 0 }, stopping.signal);
    await reading.catch((err: unknown) => log.warn({ err }, "an edit is not followed yet"));
  }
}

/** An editor whose changes the schedule sees at once, and not with its next reading. */
function followed(calendar: CalendarEditor, follow: () => Promise<void>): CalendarEditor {
  return {
    list: calendar.list,
    async move(id, time) {
      const moved = await calendar.move(id, time);
      await follow();
      return moved;
    },
    async remove(id) {
      await calendar.remove(id);
      await follow();
    },
    async restore(id) {
      const restored = await calendar.restore(id);
      await follow();
      return restored;
    },
  };
}
