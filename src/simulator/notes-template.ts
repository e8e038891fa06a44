import { parameterError } from "./api-error.ts";
import { nameOf, type SimulatedGuest } from "./world.ts";

/** What the notes of a backup may name. */
const variables = ["cluster", "guestname", "node", "vmid"];

/** @throws ApiError 400 for what cannot be filled in */
export function assertNotesTemplate(template: string): void {
  if (template.includes("\n")) throw problem("contains a line feed");
  const escapes = [...template.matchAll(/\\(.)/g)].filter(([, one = ""]) => !"n\\".includes(one));
  const names = [...template.matchAll(/\{\{([^\s{}]+)\}\}/g)];
  const unknown = [
    ...escapes.map(([sequence]) => `escape sequence '${sequence}'`),
    ...names
      .filter(([, name = ""]) => !variables.includes(name))
      .map(([, name]) => `variable '${name}'`),
  ];
  if (unknown.length > 0) throw problem(`found unknown: ${unknown.join(", ")}`);
}

/** The notes of that guest's backup: first what backslashes escape, then the names in braces. */
export function fillNotes(template: string, guest: SimulatedGuest): string {
  const values: Readonly<Record<string, string>> = {
    guestname: nameOf(guest),
    vmid: String(guest.vmid),
    node: guest.node,
    cluster: "lab",
  };
  return template
    .replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one))
    .replace(/\{\{(\w+)\}\}/g, (all, name: string) => values[name] ?? all);
}

function problem(text: string): Error {
  return parameterError({ "notes-template": text });
}
