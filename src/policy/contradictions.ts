import { z } from "zod";
import type { Mistake } from "./mistakes.ts";

const text = z.string().catch("");
const listed = z.array(z.object({ id: text }).catch({ id: "" })).catch([]);
const people = z.record(z.string(), z.array(z.unknown()).catch([])).catch({});

/** As much of a file as is there, whatever else is wrong with it. */
const sketch = z
  .object({
    users: listed,
    groups: listed,
    rules: z.array(z.record(z.string(), z.unknown()).catch({})).catch([]),
    approvers: people,
    escalations: z.record(z.string(), z.unknown()).catch({}),
  })
  .catch({ users: [], groups: [], rules: [], approvers: {}, escalations: {} });

/** What one entry of a policy file contradicts in another, also where the file has other mistakes. */
export function findContradictions(raw: unknown): readonly Mistake[] {
  const { users, groups, rules, approvers, escalations } = sketch.parse(raw);
  const ids = [
    ...users.map(({ id }, index) => ({ id, path: ["users", index, "id"] })),
    ...groups.map(({ id }, index) => ({ id, path: ["groups", index, "id"] })),
  ];
  const twice = ids.filter(
    ({ id }, index) => id !== "" && ids.findIndex((other) => other.id === id) < index,
  );
  const repeated = twice.map(({ id, path }) => ({ path, message: `${id} is listed twice` }));
  if (Object.values(approvers).flat().length > 0) return repeated;

  const needing = rules.flatMap(({ then }, index) =>
    then === "confirm-by-approver" || then === "two-persons" ? [["rules", index, "then"]] : [],
  );
  if (Object.keys(escalations).length > 0) needing.push(["escalations"]);
  const message = "This needs somebody who can approve: name approvers";
  return [...repeated, ...needing.map((path) => ({ path, message }))];
}
