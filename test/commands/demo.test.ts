import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { expect, it, onTestFinished } from "vitest";
import { createApp } from "#src/app/app.ts";
import { createScreen } from "#src/chat/screen.ts";
import { clockStartingAt } from "#src/clock.ts";
import { takeTour } from "#src/commands/demo/tour.ts";
import { loadConfig } from "#src/config.ts";
import { silentLogger } from "#src/log.ts";
import type { Seed } from "#src/simulator/seed.ts";
import { demoSeedFile, readSeedFile } from "#src/simulator/seed-file.ts";
import { testFolder } from "#test/support/program.ts";

/** Takes the tour on a cluster that is not quite the demo's. */
async function tour(change: (seed: Seed) => Seed): Promise<void> {
  const seedFile = join(await testFolder(), "seed.json");
  await writeFile(seedFile, JSON.stringify(change(await readSeedFile(demoSeedFile))));
  const clock = clockStartingAt(Temporal.Instant.from("2026-11-24T11:00:00Z"));
  const config = loadConfig({ DATABASE_PATH: ":memory:" });
  const app = await createApp(config, silentLogger, { clock, seedFile, pace: 0.01 });
  onTestFinished(() => app.stop());
  const write = () => {};
  const screen = createScreen({ write });
  await takeTour({ app, clock, screen, write, unhurried: false });
}

function changingGuest(vmid: number, change: Partial<Seed["guests"][number]>) {
  return (seed: Seed): Seed => ({
    ...seed,
    guests: seed.guests.map((guest) => (guest.vmid === vmid ? { ...guest, ...change } : guest)),
  });
}

function promotingEveryone(seed: Seed): Seed {
  return { ...seed, users: seed.users.map((user) => ({ ...user, role: "admin" })) };
}

it.each([
  ["a list", changingGuest(102, { status: "stopped" })],
  ["a shutdown", changingGuest(102, { lock: "backup" })],
  ["a question about two guests", changingGuest(110, { name: "unique" })],
  ["a refusal", promotingEveryone],
  ["a refusal to delete pihole", changingGuest(104, { tags: [] })],
  ["a confirmed deletion", changingGuest(103, { protection: true })],
])("fails where the program does not do %s", async (what, change) => {
  await expect(tour(change)).rejects.toThrow(`The demo did not do what it shows: ${what}`);
});
