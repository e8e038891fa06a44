import type { Migration } from "./migration.ts";

export const leases: Migration = {
  name: "0003-leases",
  statements: () => [
    `create table lease (
      vmid integer primary key,
      kind text not null,
      fingerprint text not null,
      name text not null,
      began_at bigint not null
    )`,
    "alter table deletion add column of_lease integer not null default 0",
  ],
};
