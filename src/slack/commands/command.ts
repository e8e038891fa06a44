/** What a person wants of `/pve`. */
export type Command =
  | { readonly kind: "status" | "list" | "pending" | "deletions" | "help" | "unfreeze" }
  | { readonly kind: "freeze"; readonly reason: string }
  | { readonly kind: "cancel"; readonly vmid: number }
  /** Nothing that we know; with what is wrong about it. */
  | { readonly kind: "unknown"; readonly problem: string };

/** Reads what stands after `/pve`. */
export function readCommand(text: string): Command {
  const [said = "", ...rest] = text.trim().split(/\s+/);
  const word = said.toLowerCase();
  switch (word) {
    case "":
      return { kind: "help" };
    case "status":
    case "list":
    case "pending":
    case "deletions":
    case "help":
    case "unfreeze":
      return { kind: word };
    case "freeze":
      return { kind: "freeze", reason: rest.join(" ") };
    case "cancel":
      return readCancel(rest);
    default:
      return { kind: "unknown", problem: `There is no command "${word.slice(0, 40)}".` };
  }
}

function readCancel([vmid = "", ...more]: readonly string[]): Command {
  if (/^[1-9]\d{2,8}$/.test(vmid) && more.length === 0)
    return { kind: "cancel", vmid: Number(vmid) };
  return { kind: "unknown", problem: "Say whose deletion to cancel by the VMID: /pve cancel 103" };
}
