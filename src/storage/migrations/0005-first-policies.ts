import type { Migration } from "./migration.ts";

export const firstPolicies: Migration = {
  name: "0005-first-policies",
  statements: () => [
    `create table first_policy (
      host text primary key,
      digest text not null
    )`,
  ],
};
