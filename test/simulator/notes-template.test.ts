import { expect, it } from "vitest";
import { assertNotesTemplate } from "#src/simulator/notes-template.ts";

it.each([
  ["an unknown variable", "{{nothing}}"],
  ["an unknown escape", "C:\\temp"],
  ["a second line", "a\nb"],
])("notes with %s are refused", (_, template) => {
  expect(() => assertNotesTemplate(template)).toThrow("Parameter verification failed");
});

it.each(["{{guestname}} ({{vmid}}) on {{node}}", "a\\nb \\\\ { {c}}"])("%j is fine", (template) => {
  expect(() => assertNotesTemplate(template)).not.toThrow();
});
