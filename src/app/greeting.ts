import type { Config } from "#src/config.ts";

/** What the program says first: what it works on, who reads the words, and any warning. */
export function greetingOf({ proxmox, model, databasePath, warnings }: Config): readonly string[] {
  const reader =
    model.kind === "offline" ? "the built-in offline planner" : `the model ${model.model}`;
  const kept = databasePath === ":memory:" ? "Nothing is kept." : `Kept in ${databasePath}.`;
  const place =
    proxmox.kind === "sandbox"
      ? "proxmox-agent sandbox: a simulated cluster, nothing real is touched."
      : `proxmox-agent on ${proxmox.endpoints.join(", ")}.`;
  return [
    `${place} Requests are read by ${reader}. ${kept}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}
