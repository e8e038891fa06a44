import { sql } from "kysely";
import { expect, it } from "vitest";
import { type AuditQuery, searchAudit } from "#src/audit/audit-search.ts";
import { testDatabase } from "#test/support/database.ts";

/** How SQLite would look the entries up. */
async function planOf(query: Omit<AuditQuery, "limit">) {
  const search = searchAudit(await testDatabase(), { limit: 50, ...query });
  const steps = await search.explain(undefined, sql`query plan`);
  return steps.map((step) => (step as { readonly detail: string }).detail).join("; ");
}

it.each<[string, Omit<AuditQuery, "limit">]>([
  ["VMID", { guest: 103 }],
  ["name", { guest: "test-runner" }],
  ["person", { person: "bob" }],
  ["tool", { tools: ["stop_guest", "shutdown_guest"] }],
  ["time", { since: 1, until: 2 }],
  ["all of it", { guest: 103, person: "bob", tools: ["stop_guest"], since: 1, until: 2 }],
])("looks entries up by an index, and never through all of them: %s", async (_, query) => {
  const plan = await planOf(query);

  expect(plan).toContain("USING INDEX audit_");
  expect(plan).not.toContain("SCAN");
});
