import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { policySource } from "#src/app/policy-file.ts";
import type { Principal } from "#src/policy/principal.ts";
import { defaultRoles } from "#src/policy/roles.ts";
import { createModelTools } from "#tools/index.ts";

const tools = createModelTools({} as Parameters<typeof createModelTools>[0]);

function policyFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "policy.yaml");
  writeFileSync(path, text);
  return path;
}

async function read(
  path: string | undefined,
  timeZone?: string,
  sandboxUsers?: readonly Principal[],
) {
  const config = { policyFile: path, timeZone: "UTC" };
  const source = policySource({ config, tools, timeZone, sandboxUsers });
  const { document, principals } = await source.load();
  return { roles: document.roles, principals };
}

describe("the people", () => {
  it("are read from the example, whose roles are the default ones", async () => {
    const { principals, roles } = await read("data/policy.example.yaml");

    expect(roles).toEqual(defaultRoles);
    expect(principals.find("alice")).toMatchObject({ role: "admin", timeZone: "Europe/Berlin" });
    expect(principals.find("mallory")).toMatchObject({ id: "mallory", role: "viewer" });
  });

  it("may only read where a cluster has no policy file", async () => {
    const { principals } = await read(undefined);

    expect(principals.find("root")).toMatchObject({ role: "viewer" });
  });

  it("are the sandbox's own where there is no file, and nobody else", async () => {
    const carol = { id: "carol", name: "Carol", role: "viewer", timeZone: "Asia/Tokyo" };
    const { principals } = await read(undefined, undefined, [carol]);

    expect(principals.find("carol")).toEqual(carol);
    expect(principals.find("mallory")).toMatchObject({ role: "nobody" });
  });

  it("share a time zone where one is asked for", async () => {
    const { principals } = await read("data/policy.example.yaml", "Asia/Tokyo");

    expect(principals.find("alice").timeZone).toBe("Asia/Tokyo");
    expect(principals.find("mallory").timeZone).toBe("Asia/Tokyo");
  });

  it.each([
    ["is not there", () => "/does/not/exist.yaml", "cannot be read"],
    ["is no YAML", () => policyFile("users: ["), "at line 1, column 9"],
    [
      "gives a permission for no tool",
      () => policyFile("roles: {a: {delete_all: allow}}\nusers: []"),
      "delete_all",
    ],
    ["is empty", () => policyFile(""), "not valid"],
    ["is endless", () => "/dev/zero", "cannot be read (it is larger than 4096 KiB)"],
    ["unpacks to more than it is", () => policyFile(aliases), "cannot be read (Excessive alias"],
  ])("are refused when the file %s", async (_, path, message) => {
    await expect(read(path())).rejects.toThrow(message);
  });
});

/** Each line has ten of the one before. */
const aliases = Array.from({ length: 9 }, (_, index) => {
  const before = index === 0 ? "x" : `*a${index - 1}`;
  return `a${index}: &a${index} [${Array(10).fill(before).join(", ")}]`;
}).join("\n");

it("takes a list of VMIDs that is endless for one that allows nothing", async () => {
  const path = policyFile("users: []\nallowed_guests: { file: /dev/zero }");
  const source = policySource({ config: { policyFile: path, timeZone: "UTC" }, tools });

  const { document, warnings } = await source.load();

  expect(document.allowedGuests?.vmids).toEqual([]);
  expect(warnings).toContainEqual(expect.stringContaining("it allows no guest: it cannot be read"));
});
