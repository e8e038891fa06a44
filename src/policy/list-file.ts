import { toVmidRange, vmidLimits } from "./guest-selector.ts";
import type { PolicyDocument } from "./policy-document.ts";

/**
 * Adds what a file of VMIDs says to a list of guests: one VMID or range a line, `#` begins a
 * comment. A file that cannot be used allows nothing, and denies everything.
 *
 * @param text undefined where the file cannot be read
 * @returns the document, and what is wrong with the file
 */
export function withListFile(
  document: PolicyDocument,
  list: "allowedGuests" | "deniedGuests",
  text: string | undefined,
): { readonly document: PolicyDocument; readonly mistake?: string } {
  const lines = (text ?? "").split("\n").map((line) => line.replace(/#.*/, "").trim());
  const said = lines.filter((line) => line !== "");
  const wrong = said.find((line) => toVmidRange(line) === undefined);
  const mistake = text === undefined ? "it cannot be read" : wrong && `"${wrong}" is no VMID`;
  const unusable = list === "deniedGuests" ? [vmidLimits] : [];
  const vmids = mistake === undefined ? said.flatMap((line) => toVmidRange(line) ?? []) : unusable;

  const before = document[list] ?? { vmids: [], tags: [], pools: [] };
  const merged = { ...before, vmids: [...before.vmids, ...vmids] };
  return { document: { ...document, [list]: merged }, ...(mistake !== undefined && { mistake }) };
}
