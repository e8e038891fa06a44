import { Temporal } from "temporal-polyfill";
import type { GuestLine, RunContext } from "#src/agent/model.ts";

const rows = `
101 ct web-01 pve1 running prod,web alice
102 ct web-02 pve1 running prod,web alice
103 ct test-runner pve1 stopped ci,test bob
104 ct pihole pve1 running infra,protected alice
105 ct dev-alice pve2 running dev alice
106 ct dev-bob pve2 stopped dev bob
107 ct monitoring pve2 running infra alice
110 ct staging pve3 running test bob
111 ct old-wiki pve1 stopped archive carol
112 ct nextcloud pve2 running prod alice
201 vm win11-gaming pve2 stopped desktop bob
202 vm db-primary pve2 running db,prod,protected alice
203 vm db-replica pve3 running db,prod alice
204 vm k8s-node-1 pve3 running k8s alice
205 vm k8s-node-2 pve3 running k8s alice
206 vm k8s-node-3 pve3 stopped k8s alice
210 vm staging pve1 stopped test bob
1010 ct build-cache pve3 running ci bob
9000 vm debian-12-template pve1 stopped template alice`;

/** The inventory of the demo, as the planner gets it. */
export const demoGuests: readonly GuestLine[] = rows
  .trim()
  .split("\n")
  .map((row) => {
    const [vmid, kind, name, node = "", status = "", tags = "", owner] = row.split(" ");
    return {
      vmid: Number(vmid),
      kind: kind === "vm" ? "vm" : "ct",
      name,
      node,
      status,
      tags: tags.split(","),
      owner,
    };
  });

const roles: Readonly<Record<string, string>> = {
  alice: "admin",
  bob: "operator",
  carol: "viewer",
};

/** A Saturday morning in Berlin. */
export function demoContext(user = "alice", guests = demoGuests): RunContext {
  const role = roles[user] ?? "viewer";
  return {
    now: Temporal.Instant.from("2026-11-21T09:00:00Z"),
    principal: { id: user, name: user, role, timeZone: "Europe/Berlin" },
    guests,
  };
}
