import type { Migration } from "./migration.ts";

/** One row a VMID: the latest hold on the guest that has it, also one that has ended. */
export const holds: Migration = {
  name: "0002-holds",
  statements: () => [
    `create table hold (
      vmid integer primary key,
      kind text not null,
      name text not null,
      node text not null,
      fingerprint text not null,
      by_id text not null,
      by_name text not null,
      reason text not null,
      since bigint not null,
      until bigint,
      ended_at bigint
    )`,
  ],
};
