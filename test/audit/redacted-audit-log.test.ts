import { expect, it } from "vitest";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { redactedAuditLog } from "#src/audit/redacted-audit-log.ts";
import { createRedactor } from "#src/redaction.ts";
import { openDatabase } from "#src/storage/database.ts";
import { clockAt } from "#test/support/clock.ts";

it("chains its entries as the database keeps them, and finds them", async () => {
  const secret = "01234567-89ab-cdef-0123-456789abcdef";
  const redact = createRedactor([secret]);
  await using db = await openDatabase(":memory:", redact);
  const clock = clockAt("2026-11-21T10:00:00Z");
  const audit = redactedAuditLog(createAuditLog(db, clock), redact);

  await audit.append({
    actionId: `a-${secret}`,
    step: "failed",
    tool: "get_guest",
    input: { guest: secret, "of the key": `sk-proj-${secret.replaceAll("-", "")}` },
    target: {},
    principal: { id: "alice", name: "Alice", role: "admin" },
    message: `Proxmox said: ${secret}.`,
    origin: `slack:${secret}`,
  });

  const [record] = await audit.ofOrigin(`slack:${secret}`);
  expect(record?.message).toBe("Proxmox said: ‹secret›.");
  expect(JSON.stringify(record)).not.toMatch(new RegExp(`${secret}|sk-proj`));
  expect(await audit.verify()).toMatchObject({ ok: true, entries: 1 });
});
