const powerOff = ["shutdown_guest", "shut_down_before_deletion"];
const cutPower = ["stop_guest", "cut_power_before_deletion"];

/** What people call an act, and the tools that do it; also those that no model has. */
export const toolsOfAct = {
  start: ["start_guest"],
  // "Stop" is said of both.
  stop: [...powerOff, ...cutPower],
  "cut power": cutPower,
  restart: ["reboot_guest"],
  delete: [
    "schedule_deletion",
    "reschedule_deletion",
    "release_held_deletions",
    "delete_guest",
    "finish_deletion",
  ],
  "cancel deletion": ["cancel_deletion"],
  "extend lease": ["extend_lease"],
  "move deletion": ["reschedule_deletion"],
  "back up": ["back_up_before_deletion", "remove_expired_backup"],
  restore: ["restore_guest"],
  "give away": ["transfer_guest"],
  hold: ["hold_guest", "release_hold"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const nouns: Readonly<Record<string, string>> = {
  start_guest: "start of",
  shutdown_guest: "shutdown of",
  stop_guest: "cutting the power of",
  reboot_guest: "restart of",
  schedule_deletion: "planning the deletion of",
  reschedule_deletion: "moving the deletion of",
  cancel_deletion: "cancelling the deletion of",
  extend_lease: "extending the lease of",
  set_lease_end: "setting the end of the lease of",
  put_back_lease_end: "putting back the end of the lease of",
  take_back_lease_end: "taking back the end of the lease of",
  release_held_deletions: "letting the held deletions go of",
  restore_guest: "restore of",
  transfer_guest: "giving to another owner of",
  hold_guest: "hold on",
  release_hold: "ending the hold on",
  shut_down_before_deletion: "shutdown before the deletion of",
  cut_power_before_deletion: "cutting the power before the deletion of",
  back_up_before_deletion: "backup before the deletion of",
  delete_guest: "deletion of",
  finish_deletion: "end of the deletion of",
  mark_doomed_guest: "marking for deletion of",
  unmark_spared_guest: "taking the mark off",
  remove_expired_backup: "removal of the kept backup of",
  change_policy: "change of the policy",
  freeze_changes: "stopping every change",
  release_changes: "letting changes go on again",
};

/** What a tool does, as the beginning of "shutdown of web-02". */
export function actOf(tool: string): string {
  return Object.hasOwn(nouns, tool) ? (nouns[tool] ?? tool) : `${tool.replaceAll("_", " ")} of`;
}
