import { sql } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import type { Preview } from "#src/actions/preview.ts";
import type { Tool } from "#src/actions/tool.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Database } from "#src/storage/database.ts";
import { countingTool, setUpExecutor } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { useCluster } from "#test/support/cluster.ts";
import { testDatabase } from "#test/support/database.ts";
import { noHolds } from "#test/support/holds.ts";
import { noLeases } from "#test/support/leases.ts";
import { alice, bob, carol } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import { addRestorable } from "#test/tools/deletions/restorable.ts";
import { previewAction } from "#tools/audit/preview-action.ts";
import { createModelTools } from "#tools/index.ts";

const cluster = useCluster({
  nodes: [{ name: "pve1" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "backup-nfs", content: "backup" },
  ],
  guests: [
    { vmid: 102, kind: "lxc", name: "web-02", node: "pve1", status: "running", owner: "alice" },
    { vmid: 103, kind: "lxc", name: "test-runner", node: "pve1", status: "stopped", owner: "bob" },
    {
      vmid: 104,
      kind: "lxc",
      name: "pihole",
      node: "pve1",
      status: "running",
      tags: ["protected"],
    },
  ],
});

const otherBob: Principal = { ...carol, id: "U9", name: "Robert" };

async function setUp() {
  const db = await testDatabase();
  const clock = clockAt("2026-11-21T09:00:00Z");
  const deletions = createDeletionStore(db, clock, () => `d${Math.random()}`);
  const tools: readonly Tool[] = createModelTools({
    ...cluster.proxmox,
    holds: noHolds,
    deletions,
    leases: noLeases,
    clock,
    preparation: { shutdownMinutes: 5, backup: { storage: "backup-nfs", days: 30 } },
    audit: { find: (query) => parts.audit.find(query) },
    preview: (call, context) => parts.executor.preview(call, context),
    people: () => [alice, bob, carol, otherBob, { ...otherBob, id: "U10" }],
  });
  const parts = setUpExecutor(db, tools, undefined, clock);

  async function preview(tool: string, input: object, person?: string, who = alice) {
    const call = { tool: "preview_action", input: { tool, input: JSON.stringify(input), person } };
    const report = await parts.executor.submit(clean(call), parts.context(who));
    return report.outcome.kind === "done" ? report.outcome.output : report.outcome;
  }
  return { ...parts, db, deletions, tools, preview };
}

function clean<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Everything that the database holds. */
async function contentOf(db: Database): Promise<unknown> {
  const tables = await db.introspection.getTables();
  const rows = tables.map(async ({ name }) => {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(db);
    return [name, rows];
  });
  return Promise.all(rows);
}

describe("preview_action", () => {
  it("says what would be done to which guest when, and who would have to confirm it", async () => {
    const { preview } = await setUp();

    expect(await preview("schedule_deletion", { guest: "test-runner", when: "friday" })).toMatch(
      /^Dry run: Delete test-runner \(CT 103 on pve1\) for good on Fri 27 Nov 2026, 18:00 CET .*\. You would be allowed to ask for that; you yourself would have to confirm it first\. Nothing was done\.$/,
    );
  });

  it("says what would be done at once", async () => {
    const { preview } = await setUp();

    expect(await preview("shutdown_guest", { guest: "web-02" })).toMatch(
      /^Dry run: .*web-02 \(CT 102 on pve1\).* You would be allowed to do that, and it would be done at once\. Nothing was done\.$/,
    );
  });

  it("says that it would be denied, to whom and why", async () => {
    const { preview } = await setUp();

    expect(await preview("shutdown_guest", { guest: 102 }, "Carol")).toMatch(
      /It would be denied to Carol: .*viewer.* Nothing was done\.$/,
    );
    expect(await preview("schedule_deletion", { guest: "pihole", when: null })).toMatch(
      /It would be denied to you: .*tag protected/,
    );
  });

  it("judges somebody else's request, though a viewer asks and would be denied", async () => {
    const { preview } = await setUp();

    expect(await preview("stop_guest", { guest: 102 }, "bob", carol)).toContain(
      "Bob would be allowed to ask for that; Bob would have to confirm it first.",
    );
    expect(await preview("stop_guest", { guest: 102 }, undefined, carol)).toContain(
      "denied to you",
    );
  });

  it("reads the words about time where whoever asks is, whoever it is asked about", async () => {
    const { preview } = await setUp();

    expect(
      await preview("schedule_deletion", { guest: 103, when: "friday 18:00" }, "bob"),
    ).toContain("18:00 CET");
  });

  it.each([
    ["approver", "an approver would have to confirm it first. Why: It runs."],
    ["two-persons", "you and a second person would have to confirm it first. Why: It runs."],
  ] as const)("says who else has to confirm: %s", async (by, words) => {
    const preview = async (): Promise<Preview> => ({
      kind: "possible",
      effect: "disruptive",
      summary: "Stop it.",
      target: {},
      decision: { kind: "confirm", by, reasons: ["It runs"] },
    });
    const { tool: tried } = countingTool("stop_guest", "disruptive");
    const tool = previewAction({ preview, people: () => [] }, [tried]);
    const plan = await tool.plan({ tool: "stop_guest", input: "{}" }, aContext());

    expect(await plan.apply(aContext())).toMatchObject({ output: expect.stringContaining(words) });
  });

  it("says where there would be nothing to do, or it could not be done", async () => {
    const { preview } = await setUp();

    expect(await preview("shutdown_guest", { guest: 103 })).toMatch(
      /is already stopped\. There would be nothing to do\. Nothing was done\.$/,
    );
    expect(await preview("shutdown_guest", { guest: "ghost" })).toMatch(
      /^Dry run: it could not be done: .*ghost.* Nothing was done\.$/,
    );
    expect(await preview("shutdown_guest", {})).toContain("could not be done: guest must be");
    expect(await preview("list_guests", {})).toContain("only looks something up, and you may");
  });

  it.each([
    ["preview_action", "bob", "A dry run is there for"],
    ["delete_guest", "bob", "A dry run is there for"],
    ["stop_guest", "nobody", "names nobody called nobody"],
    ["stop_guest", "robert", "Several people are called robert"],
  ])(
    "tries neither itself nor what no model has, for nobody unknown: %s as %s",
    async (tool, person, reason) => {
      const { preview } = await setUp();

      expect(await preview(tool, { guest: 102 }, person)).toMatchObject({
        kind: "failed",
        message: expect.stringContaining(reason),
      });
    },
  );

  it("asks for arguments that are JSON", async () => {
    const { executor, context } = await setUp();
    const call = { tool: "preview_action", input: { tool: "stop_guest", input: "102" } };
    const broken = { tool: "preview_action", input: { tool: "stop_guest", input: "{" } };

    expect((await executor.submit(call, context(alice))).outcome).toMatchObject({
      output: expect.stringContaining("must be a JSON object"),
    });
    expect((await executor.submit(broken, context(alice))).outcome).toMatchObject({
      message: expect.stringContaining("has to be JSON"),
    });
  });
});

describe("a dry run of every tool", () => {
  let inputs: Readonly<Record<string, object>>;
  beforeEach(() => {
    const guest = { guest: "test-runner" };
    inputs = {
      start_guest: guest,
      shutdown_guest: { guest: "web-02" },
      stop_guest: { guest: "web-02" },
      reboot_guest: { guest: "web-02" },
      schedule_deletion: { guest: "web-02", when: "now" },
      cancel_deletion: guest,
      reschedule_deletion: { ...guest, when: "now" },
      restore_guest: { guest: "gone" },
      transfer_guest: { ...guest, to: "carol" },
      hold_guest: { ...guest, reason: "vacation" },
      release_hold: guest,
      extend_lease: guest,
    };
  });

  it("does nothing but read: not in the cluster, the schedule, the audit log or the confirmations", async () => {
    const { db, deletions, tools, preview } = await setUp();
    const runner = await cluster.proxmox.guests.find("103", AbortSignal.timeout(5_000));
    await deletions.schedule({
      guest: { ...runner, pool: undefined },
      dueAt: clockAt("2026-11-27T17:00:00Z").now(),
      timeZone: "UTC",
      requestedBy: alice,
      confirmedBy: alice,
      withoutBackup: false,
    });
    await addRestorable(
      deletions,
      "2026-11-20T17:00:30Z",
      { ...runner, vmid: 150, name: "gone" },
      {
        backup: { storage: "backup-nfs", volume: "backup-nfs:backup/vzdump-lxc-150.tar.zst" },
      },
    );
    const before = await contentOf(db);

    const answers: unknown[] = [];
    for (const { name, effect } of tools) {
      if (effect !== "read") answers.push(await preview(name, inputs[name] ?? {}));
    }

    expect(answers).toHaveLength(Object.keys(inputs).length + 1);
    for (const answer of answers) expect(answer).toMatch(/^Dry run: .* Nothing was done\.$/);
    const planned = answers.filter((answer) => !String(answer).includes("could not be done"));
    expect(planned.length).toBeGreaterThanOrEqual(8);
    expect(cluster.calls("POST", "PUT", "DELETE")).toEqual([]);
    expect(await contentOf(db)).toEqual(before);
  });
});
