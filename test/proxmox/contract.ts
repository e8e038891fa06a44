import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "#src/clock.ts";
import { apiPath } from "#src/proxmox/api-path.ts";
import type { Guest, GuestDetail } from "#src/proxmox/guest.ts";
import { createProxmox, type Proxmox } from "#src/proxmox/proxmox.ts";
import {
  createProxmoxClient,
  type ProxmoxClient,
  type ProxmoxClientOptions,
} from "#src/proxmox/proxmox-client.ts";
import { nothing, tasks } from "#src/proxmox/responses.ts";
import { parseUpid } from "#src/proxmox/upid.ts";
import { pause } from "#src/proxmox/waiting.ts";
import { errorOf, identityOf } from "#test/support/proxmox.ts";

/** A cluster to hold to the contract. */
export interface ContractCluster {
  readonly options: ProxmoxClientOptions;
  /** A guest that may be started and stopped; without it nothing is changed. */
  readonly testVmid?: number | undefined;
  /** Takes a backup of that guest; a copy is restored from it, and both are removed again. */
  readonly testStorage?: string | undefined;
  close(): Promise<void>;
}

const patience = 120_000;

/** What the client and the ports rely on, of the simulator and of a real cluster alike. */
export function proxmoxContract(name: string, open: () => Promise<ContractCluster>): void {
  describe(`the contract with ${name}`, { timeout: patience }, () => {
    let cluster: ContractCluster;
    let client: ProxmoxClient;
    let proxmox: Proxmox;
    let guests: readonly Guest[];
    let onlineNode: string;
    const signal = new AbortController().signal;

    beforeAll(async () => {
      cluster = await open();
      client = createProxmoxClient(cluster.options);
      proxmox = createProxmox({ client, clock: systemClock });
      guests = (await proxmox.guests.list(signal)).guests;
      const { nodes } = await proxmox.cluster.status(signal);
      onlineNode = nodes.find(({ online }) => online)?.name ?? "";
    }, patience);

    afterAll(async () => {
      await client.close();
      await cluster.close();
    });

    const detailOf = (vmid: number): Promise<GuestDetail> =>
      proxmox.guests.find(String(vmid), signal);

    it("tells version, quorum and nodes", async () => {
      const status = await proxmox.cluster.status(signal);
      expect(status.version).toMatch(/^[89]\./);
      expect(status.quorate).toBe(true);
      expect(status.nodes.length).toBeGreaterThan(0);
    });

    it("lists guests, each of which can be read live, with a fingerprint that stays", async () => {
      expect(guests.length, "the token sees no guest").toBeGreaterThan(0);
      for (const { vmid, kind } of guests.slice(0, 20)) {
        const guest = await detailOf(vmid);
        expect(guest).toMatchObject({ vmid, kind });
        expect(guest.name).not.toBe("");
        expect((await detailOf(vmid)).fingerprint).toBe(guest.fingerprint);
      }
    });

    it("gives different guests different fingerprints", async () => {
      const details = await Promise.all(guests.slice(0, 20).map(({ vmid }) => detailOf(vmid)));
      const fingerprints = details.map(({ fingerprint }) => fingerprint);
      expect(new Set(fingerprints).size).toBe(fingerprints.length);
    });

    it("refuses a wrong token, after a while and without a body", async () => {
      const stranger = createProxmoxClient({ ...cluster.options, tokenSecret: "wrong" });
      const error = await errorOf(stranger.get("/version", nothing, { signal }));
      expect(error).toMatchObject({ kind: "unauthorized", status: 401 });
      await stranger.close();
    });

    it("knows no guest where there is none", async () => {
      const path = apiPath`/nodes/${onlineNode}/lxc/999999990/config`;
      const error = await errorOf(client.get(path, nothing, { signal }));
      expect(["no-such-guest", "forbidden"]).toContain(error.kind);
    });

    it("knows no node by a name that is made up", async () => {
      const error = await errorOf(client.get("/nodes/no-such-node/lxc", nothing, { signal }));
      expect(error.kind).toBe("node-unreachable");
    });

    it("answers a call that does not exist with 501", async () => {
      const error = await errorOf(client.get("/no-such-thing", nothing, { signal }));
      expect(error).toMatchObject({ kind: "not-implemented", status: 501 });
    });

    it("names a wrong parameter, and a VMID that is in use", async () => {
      const ask = (vmid: string | number) =>
        errorOf(client.get("/cluster/nextid", nothing, { parameters: { vmid }, signal }));
      expect(await ask("abc")).toMatchObject({ kind: "bad-parameter", status: 400 });
      const taken = await ask(guests[0]?.vmid ?? 0);
      expect(taken.kind).toBe("bad-parameter");
      expect(taken.message).toContain("already exists");
    });

    it("lists tasks whose ids can be read", async () => {
      const path = apiPath`/nodes/${onlineNode}/tasks`;
      const listed = await client.get(path, tasks, { parameters: { source: "all" }, signal });
      for (const { upid, type, id, starttime } of listed) {
        expect(parseUpid(upid), upid).toMatchObject({ type, id, startTime: starttime });
      }
    });

    it("can say what happened to a VMID, or why it cannot", async () => {
      const verdict = await proxmox.history.historySince(guests[0]?.vmid ?? 0, Date.now(), signal);
      expect(["unchanged", "unknown"]).toContain(verdict.kind);
    });

    it("knows free VMIDs", async () => {
      const free = await proxmox.vmids.next(signal);
      expect(await proxmox.vmids.isFree(free, signal)).toBe(true);
      expect(await proxmox.vmids.isFree(guests[0]?.vmid ?? 0, signal)).toBe(false);
    });

    it("tells its clock", () => {
      expect(Math.abs(proxmox.clockOffset() ?? Number.NaN)).toBeLessThan(60_000);
    });

    it("knows nothing of a task that there never was", async () => {
      const upid = `UPID:${onlineNode}:00000001:00000001:6B00CFB4:vzstop:101:a@pve!b:`;
      expect((await proxmox.preparation.look(upid, signal)).kind).toBe("unknown");
    });

    it("has begun to destroy nobody", async () => {
      const guest = identityOf(await detailOf(guests[0]?.vmid ?? 0));
      const begun = { since: Date.now() };
      expect(await proxmox.destroyer.resume(guest, begun, { signal })).toBe("not-begun");
    });

    async function endOf(upid: string) {
      for (;;) {
        const state = await proxmox.preparation.look(upid, signal);
        if (state.kind !== "running") return state;
        await pause(100, signal);
      }
    }

    it("begins what comes before a deletion, and tells how it ended", async ({ skip }) => {
      const guest = identityOf(await detailOf(cluster.testVmid ?? skip("no VMID to change")));
      const { preparation } = proxmox;
      const steps = [
        () => preparation.beginStop(guest, { signal }),
        () => preparation.beginStart(guest, { signal }),
        () => preparation.beginStop(guest, { signal }),
      ];
      for (const step of steps) {
        const begun = await step();
        if (begun.kind === "begun") expect(await endOf(begun.upid)).toMatchObject({ ok: true });
      }
      expect(await preparation.beginShutdown(guest, 60, { signal })).toEqual({ kind: "unchanged" });
      expect((await detailOf(guest.vmid)).status).toBe("stopped");
    });

    it("marks the guest that is there for it, or says what is missing", async ({ skip }) => {
      const guest = identityOf(await detailOf(cluster.testVmid ?? skip("no VMID to change")));
      const tag = "delete-contract";
      const refusal = await proxmox.marks.set(guest, tag, signal).catch((error) => error);
      if (refusal) return expect(refusal).toMatchObject({ kind: "forbidden" });
      expect((await detailOf(guest.vmid)).tags).toContain(tag);
      await proxmox.marks.clear(guest, tag, signal);
      expect((await detailOf(guest.vmid)).tags).not.toContain(tag);
    });

    it("brings a guest back from its backup, and destroys the copy", async ({ skip }) => {
      const guest = await detailOf(cluster.testVmid ?? skip("no VMID to change"));
      const storage = cluster.testStorage ?? skip("no storage for backups");
      const { preparation, backups, destroyer } = proxmox;
      const note = "contract {{vmid}} \\ test";
      const { upid } = await preparation.beginBackup(identityOf(guest), storage, note, signal);
      expect(await endOf(upid)).toMatchObject({ ok: true });
      const backup = await preparation.findBackup(identityOf(guest), storage, upid, signal);
      expect(backup).toMatchObject({ vmid: guest.vmid, protected: true });
      expect(backup.notes).toContain("contract { {vmid}} \\ test");

      const vmid = await proxmox.vmids.next(signal);
      await backups.restore(backup, { node: guest.node, vmid }, { signal });
      const copy = await detailOf(vmid);
      const { kind, tags } = guest;
      expect(copy).toMatchObject({ kind, tags, status: "stopped" });
      const { leftoverVolumes } = await destroyer.destroy(identityOf(copy), { signal });
      expect(leftoverVolumes).toEqual([]);
      expect(await proxmox.vmids.isFree(vmid, signal)).toBe(true);

      await backups.remove(backup, signal);
      await backups.remove(backup, signal);
      const left = await backups.list(storage, guest.vmid, signal);
      expect(left.map(({ volume }) => volume)).not.toContain(backup.volume);
    });

    it("starts and stops the guest that is there for it", async ({ skip }) => {
      const guest = await detailOf(cluster.testVmid ?? skip("no VMID to change"));
      const { power } = proxmox;
      const isRunning = async () => (await detailOf(guest.vmid)).status === "running";
      if (await isRunning()) await power.stop(identityOf(guest), { signal });

      const started = await power.start(identityOf(guest), { signal });
      expect(started.kind).toBe("done");
      expect(started.kind === "done" && parseUpid(started.upid)?.id).toBe(String(guest.vmid));
      expect(await isRunning()).toBe(true);
      expect((await power.start(identityOf(guest), { signal })).kind).toBe("unchanged");
      expect((await detailOf(guest.vmid)).fingerprint).toBe(guest.fingerprint);

      await power.stop(identityOf(guest), { signal });
      expect(await isRunning()).toBe(false);
      expect((await power.shutdown(identityOf(guest), { signal })).kind).toBe("unchanged");
      expect((await detailOf(guest.vmid)).fingerprint).toBe(guest.fingerprint);
    });
  });
}
