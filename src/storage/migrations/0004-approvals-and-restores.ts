import type { Migration } from "./migration.ts";

export const approvalsAndRestores: Migration = {
  name: "0004-approvals-and-restores",
  statements: () => [
    "alter table deletion add column approved_by text",
    "alter table deletion add column restored_as integer",
  ],
};
