import { describeCalendar } from "#test/calendar/calendar-contract.ts";
import { createFakeCalendar } from "./fake-calendar.ts";
import { createRandom } from "./random.ts";

describeCalendar("the simulation's calendar", async () => {
  const fake = createFakeCalendar({ random: createRandom(1), now: () => 0 });
  return {
    calendar: fake.port,
    edit: {
      move: async (id, startsAt) => fake.edit(id, { startsAt }),
      rename: async (id, title) => fake.edit(id, { title }),
      remove: async (id) => fake.remove(id),
      restore: async (id) => fake.restore(id),
      addForeign: async (event) => fake.addForeign({ ...event, marks: {} }),
    },
    expireTokens: async () => fake.expireTokens(),
  };
});
