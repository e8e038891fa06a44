import { describe, expect, it } from "vitest";
import { comesTo, type Proxies, startUnderFaults } from "#test/support/program-under-faults.ts";

const repeated = (keys: readonly string[]) => keys.filter((key, at) => keys.indexOf(key) !== at);

/** Side by side: most of the time is spent in the program's timeouts and pauses. */
describe.concurrent("with the network against it, the program", () => {
  it("deletes each guest once, whichever requests and answers are lost", async () => {
    const doomed = [{}, {}, {}, {}, {}, { running: true }, { backup: true }];
    await using program = await startUnderFaults(doomed, (proxies, deletions) => {
      const [committed, removed, destroyed, unheard, cut, running] = deletions;
      const lose = (server: keyof Proxies, request: RegExp, afterBytes = 0) =>
        proxies[server].strike({ kind: "lost-answer", request, afterBytes, times: 1 });
      const destroy = (vmid = 0) => new RegExp(`^DELETE .*/lxc/${vmid}[ ?]`);

      lose("google", /^POST .*\/events/);
      lose("google", new RegExp(`^PATCH .*${committed?.id}`));
      lose("google", new RegExp(`^DELETE .*${removed?.id}`));
      lose("proxmox", destroy(destroyed?.vmid));
      lose("proxmox", destroy(cut?.vmid), 150);
      const unheardRequest = destroy(unheard?.vmid);
      proxies.proxmox.strike({ kind: "lost-request", request: unheardRequest, times: 1 });
      lose("proxmox", new RegExp(`^POST .*/lxc/${running?.vmid}/status/shutdown`));
      lose("proxmox", /^POST .*\/vzdump/);
      lose("slack", /^POST .*chat\.postMessage/);
    });

    await comesTo(["done"], async () => [...new Set(await program.states())]);

    expect(await program.tasks("vzdestroy")).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(await program.tasks("vzdump")).toEqual([0, 0, 0, 0, 0, 0, 1]);
    const { google, proxmox, slack } = program.proxies;
    expect([google.struck(), proxmox.struck(), slack.struck()]).toEqual([3, 5, 1]);
    expect(repeated(program.noticeKeys())).toEqual([]);
  }, 150_000);

  it("touches no guest while the calendar is silent, and goes on once it answers", async () => {
    const doomed = [{}, { running: true }];
    await using program = await startUnderFaults(doomed, ({ google }, deletions) => {
      for (const { id } of deletions) {
        google.strike({ kind: "black-hole", request: new RegExp(`^GET .*/events/${id}`) });
      }
    });
    const { google, proxmox, slack } = program.proxies;
    await comesTo(2, google.struck);
    expect(await program.states()).toEqual(["planned", "planned"]);
    expect(await program.tasks("vzshutdown")).toEqual([0, 0]);

    // By the time that the calendar answers again, the others are slow.
    google.clear();
    proxmox.strike({ kind: "latency", milliseconds: 300 });
    slack.strike({ kind: "latency", milliseconds: 300 });
    await comesTo(["done", "done"], program.states);

    expect(await program.tasks("vzdestroy")).toEqual([1, 1]);
  }, 150_000);

  it.each(["proxmox", "google", "slack"] as const)(
    "holds what was due while %s could not be reached until it was too late, and says so",
    async (server) => {
      const graceMinutes = 30;
      // Time enough for the program to start and to fail.
      const dueInSeconds = 25 - graceMinutes * 60;
      await using program = await startUnderFaults([{ dueInSeconds }], (proxies, [deletion]) => {
        const requests = {
          proxmox: new RegExp(`^GET .*/lxc/${deletion?.vmid}/`),
          google: new RegExp(`^GET .*/events/${deletion?.id}`),
          slack: /^POST .*chat\.postMessage/,
        };
        proxies[server].strike({ kind: "lost-request", request: requests[server] });
      });
      const [deletion] = program.deletions;

      await comesTo(["held"], program.states);
      program.proxies[server].clear();

      const held = new RegExp(`^${deletion?.id}:\\d+:held`);
      await comesTo(true, () => program.noticeKeys().some((key) => held.test(key)));
      expect(program.proxies[server].struck()).toBeGreaterThan(0);
      expect(await program.tasks("vzdestroy")).toEqual([0]);
    },
    150_000,
  );
});
