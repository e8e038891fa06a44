import type { App } from "#src/app/app.ts";
import { openNotices, type TerminalNotice } from "#src/chat/notices.ts";
import type { Screen } from "#src/chat/screen.ts";
import type { AdjustableClock } from "#src/clock.ts";
import { silentLogger } from "#src/log.ts";
import { createGuide } from "./guide.ts";
import { steps } from "./steps.ts";

interface Options {
  readonly app: App;
  readonly clock: AdjustableClock;
  readonly screen: Screen;
  readonly write: (text: string) => void;
  /** Whether somebody is reading along, who needs time. */
  readonly unhurried: boolean;
}

/** In which the channel is told of times. */
const timeZone = "Europe/Berlin";

/**
 * Takes the tour, with the schedule carried out by the clock and people told of it meanwhile.
 *
 * @throws PublicError when a step did not do what it shows.
 */
export async function takeTour(options: Options): Promise<void> {
  const { app, screen } = options;
  const heard: TerminalNotice[] = [];
  const services = { ...app, log: silentLogger, timeZone };
  const notices = await openNotices(services, async (notice) => {
    heard.push(notice);
    screen.say(screen.paintNotice(notice, "alice"));
    return true;
  });
  const loop = app.schedule.loop(() => true);
  try {
    loop.start();
    const guide = createGuide({ ...options, heard });
    for (const step of steps) await step(guide);
  } finally {
    await loop.stop();
    await notices.stop();
  }
}
