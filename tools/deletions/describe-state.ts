import type { Deletion } from "#src/deletions/deletion.ts";

const steps: Readonly<Record<NonNullable<Deletion["task"]>["step"], string>> = {
  shutdown: "being shut down for it",
  stop: "being switched off for it",
  backup: "being backed up for it",
  start: "being started again",
};

/** How far a deletion is, and why it does not go on; empty for one that waits for its time. */
export function describeState({ state, reason, task }: Deletion): readonly string[] {
  switch (state) {
    case "inserting":
      return ["not in the calendar yet", ...because(reason)];
    case "preparing":
      return [task ? steps[task.step] : "being prepared", ...because(reason)];
    case "destroying":
      return ["being destroyed"];
    case "held":
      return [`on hold until somebody decides: ${reason}`];
    default:
      return because(reason);
  }
}

function because(reason: string | undefined): readonly string[] {
  return reason ? [`waiting: ${reason}`] : [];
}
