import type { GuestLine } from "#src/agent/model.ts";
import type { Turn } from "./conversation.ts";

type Called = Turn["calls"][number];

/** The answer to what the tools said: lists as they are, states in a sentence, outcomes in words. */
export function renderResults(calls: readonly Called[]): string {
  return calls.map(renderCall).filter(Boolean).join("\n");
}

function renderCall(called: Called): string {
  const value = parsed(called.output);
  if (!isRecord(value))
    return called.tool === "list_guests" ? renderList(called.output) : called.output;
  if (typeof value.result === "string") return renderOutcome(called, value);
  if (called.tool === "get_guest") return renderGuest(value);
  if (called.tool === "get_cluster_status") return renderCluster(value);
  return renderFields(value);
}

function renderOutcome(
  { tool, args }: Called,
  { result, message, summary, output }: Record<string, unknown>,
): string {
  const what = text(summary) || `${tool.replaceAll("_", " ")} ${text(args.guest)}`.trim();
  if (result === "done")
    return `Done: ${what}${typeof output === "string" && output ? ` ${output}` : ""}`;
  // What waits is stated below every answer, with what will happen and when.
  if (result === "awaiting-confirmation") return "";
  return text(message) || `${what}: ${text(result)}`;
}

function renderGuest(guest: Record<string, unknown>): string {
  const kind = guest.kind === "ct" ? "container" : guest.kind === "vm" ? "VM" : "guest";
  const { vmid, kind: _, name, node, status, uptime, ...rest } = guest;
  const { cpuUsed, memoryUsed, memory, untrustedNotes, ...others } = rest;
  const facts = {
    ...others,
    // A stopped guest has no load, only the memory it may use.
    ...(memoryUsed ? { load: renderLoad({ cpuUsed, memoryUsed, memory }) } : { memory }),
    notes: untrustedNotes,
  };
  const details = Object.entries(facts)
    .map(([key, value]) => `- ${label(key)}: ${plain(value)}`)
    .filter((line) => !line.endsWith(": "));
  const since = text(uptime) ? `, up ${text(uptime)}` : "";
  return [
    `${text(name)} (VMID ${text(vmid)}, ${kind} on ${text(node)}) is ${text(status)}${since}.`,
    ...details,
  ].join("\n");
}

/** "20% CPU, 25 of 64 GiB memory". */
function renderLoad({ cpuUsed, memoryUsed, memory }: Record<string, unknown>): string {
  const [used, total] = [text(memoryUsed), text(memory)];
  const sameUnit = used.split(" ")[1] === total.split(" ")[1];
  const share =
    used && total ? `${sameUnit ? used.split(" ")[0] : used} of ${total}` : used || total;
  return [text(cpuUsed) && `${text(cpuUsed)} CPU`, share && `${share} memory`]
    .filter(Boolean)
    .join(", ");
}

function renderCluster({
  cluster,
  quorate,
  nodes,
  guests,
  version,
}: Record<string, unknown>): string {
  const lines = Array.isArray(nodes) ? nodes.filter(isRecord).map(renderNode) : [];
  const health = quorate === false ? "no quorum, so nothing can be changed" : "quorate";
  const running = text(version) && `, Proxmox VE ${text(version)}`;
  const counts = isRecord(guests) ? Object.entries(guests).map(renderCounts) : [];
  return [`Cluster ${text(cluster)}: ${health}${running}.`, ...lines, ...counts].join("\n");
}

function renderNode({ name, online, uptime, ...load }: Record<string, unknown>): string {
  const since = text(uptime) && `up ${text(uptime)}`;
  const details = [renderLoad(load), since].filter(Boolean).join(", ");
  const state = online === false ? "offline" : "online";
  return `- ${text(name)} is ${state}${details ? `: ${details}` : ""}`;
}

/** "- containers: 8 running, 3 stopped". */
function renderCounts([kind, counts]: readonly [string, unknown]): string {
  const states = isRecord(counts) ? Object.entries(counts) : [];
  return `- ${label(kind)}: ${states.map(([state, count]) => `${text(count)} ${state}`).join(", ")}`;
}

function renderFields(value: Record<string, unknown>): string {
  return Object.entries(value)
    .map(([key, entry]) => `- ${label(key)}: ${plain(entry)}`)
    .join("\n");
}

/** The tool's lines as a table with even columns. */
function renderList(output: string): string {
  const [head = "", ...lines] = output.split("\n");
  const rows = lines.map((line) => line.split(" "));
  const isTable = /^\d+ .*: vmid /.test(head);
  if (!isTable) return output;
  const columns = head.slice(head.indexOf(": ") + 2).split(" ");
  const table = [columns, ...rows.filter((row) => row.length === columns.length)];
  const widths = columns.map((_, index) =>
    Math.max(...table.map((row) => row[index]?.length ?? 0)),
  );
  const shown = table.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const remarks = rows.filter((row) => row.length !== columns.length).map((row) => row.join(" "));
  return [`${head.slice(0, head.indexOf(":"))}:`, ...shown, ...remarks].join("\n");
}

/** The guests in the lines of `list_guests`, for when no inventory came along. */
export function guestsInList(output: string): readonly GuestLine[] {
  return output.split("\n").flatMap((line) => {
    const [vmid, kind, name, node, status, tags, owner] = line.split(" ");
    if (!/^\d+$/.test(vmid ?? "") || (kind !== "ct" && kind !== "vm") || !node || !status)
      return [];
    return [
      {
        vmid: Number(vmid),
        kind,
        name: name === "-" ? undefined : name,
        node,
        status,
        tags: tags && tags !== "-" ? tags.split(",") : [],
        owner: owner && owner !== "-" ? owner : undefined,
      },
    ];
  });
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (isRecord(value))
    return Object.entries(value)
      .map(([key, entry]) => `${label(key)} ${plain(entry)}`)
      .join(", ");
  return value === true ? "yes" : value === false ? "no" : text(value);
}

function label(key: string): string {
  return key === "ct"
    ? "containers"
    : key === "vm"
      ? "VMs"
      : key.replace(/([A-Z])/g, " $1").toLowerCase();
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return output;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
