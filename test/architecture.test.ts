import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/**
 * What each folder may import from the others, besides the leaves. The list of folders is complete
 * on purpose: a new one says here where it stands. `type x` allows x's types, and not its code; a
 * file by its name is allowed alone.
 */
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  policy: [],
  storage: [],
  proxmox: [],
  calendar: ["storage"],
  scheduler: [],
  brake: ["audit", "policy", "storage"],
  audit: ["policy", "storage"],
  actions: ["policy", "audit", "storage", "type proxmox"],
  agent: ["actions", "policy", "storage"],
  deletions: [
    "actions",
    "audit",
    "calendar",
    "outbox",
    "policy",
    "proxmox",
    "scheduler",
    "storage",
  ],
  leases: [
    "actions",
    "type audit",
    "deletions",
    "type outbox",
    "policy",
    "type proxmox",
    "scheduler",
    "storage",
  ],
  tools: [
    "actions",
    "type policy",
    "#src/policy/hold.ts",
    "#src/policy/principal.ts",
    "type proxmox",
    "#src/proxmox/proxmox-error.ts",
    "type holds",
    "type deletions",
    "#src/deletions/deletion.ts",
    "#src/deletions/held-reasons.ts",
    "type leases",
    "#src/leases/lease-time.ts",
    "type audit",
    "#src/audit/action-words.ts",
    "#src/audit/describe-record.ts",
  ],
  chat: [
    "actions",
    "agent",
    "type audit",
    "outbox",
    "policy",
    "scheduler",
    "storage",
    "type brake",
    "type calendar",
    "type deletions",
    "#src/deletions/deletion.ts",
    "type proxmox",
  ],
  holds: ["policy", "storage", "type proxmox"],
  outbox: ["audit", "policy", "storage"],
  simulator: ["proxmox"],
  slack: [
    "actions",
    "agent",
    "audit",
    "outbox",
    "policy",
    "scheduler",
    "storage",
    "type brake",
    "#src/brake/braked.ts",
    "type proxmox",
    "type deletions",
    "#src/deletions/deletion.ts",
    "#src/deletions/deletion-time.ts",
    "#src/deletions/held-reasons.ts",
  ],
};

/** Files and folders directly under src/ that everybody may import. */
const leaves = [
  "bounds",
  "clock.ts",
  "errors.ts",
  "log.ts",
  "plain-text.ts",
  "redaction.ts",
  "when",
];
/** The configuration: leaves too, but only a composition root may know of it. */
const configuration = [
  "config.ts",
  "read-settings.ts",
  "setting-values.ts",
  "settings.ts",
  "command-line.ts",
];
const compositionRoots = ["main.ts", "app", "commands"];

/** Who may import which package; each vendor's types stay with who talks to the vendor. */
const vendors: Readonly<Record<string, readonly string[]>> = {
  "@slack/bolt": ["src/slack/"],
  "@slack/socket-mode": ["src/slack/"],
  "@slack/types": ["src/slack/"],
  "@slack/web-api": ["src/slack/"],
  "better-sqlite3": ["src/storage/"],
  "chrono-node": ["src/when/"],
  cockatiel: ["src/agent/models/", "src/calendar/google/", "src/proxmox/"],
  commander: ["src/commands/"],
  googleapis: ["src/calendar/google/"],
  kysely: ["src/"],
  openai: ["src/agent/models/"],
  pino: ["src/log.ts"],
  selfsigned: ["src/simulator/"],
  "temporal-polyfill": ["src/", "tools/"],
  undici: ["src/proxmox/"],
  yaml: ["src/app/", "src/commands/"],
  zod: ["src/"],
  "zod/v3": ["tools/schema.ts"],
  "zod-to-json-schema": ["tools/schema.ts"],
};

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(source: string): Import[] {
  const statements = /^(?:import|export)\s+(type\s)?(?:[\w$*{},\s]+\sfrom\s+)?"([^"]+)"/gm;
  const calls = /\bimport\(\s*()"([^"]+)"/g;
  return [...source.matchAll(statements), ...source.matchAll(calls)].map(
    ([, type, specifier = ""]) => ({ specifier, typeOnly: Boolean(type) }),
  );
}

/** The folder that a file belongs to, or the file itself directly under src/. */
function moduleOf(file: string): string {
  const [top = "", second = ""] = file.split("/");
  return top === "src" ? second : top;
}

function mayImport(file: string, { specifier, typeOnly }: Import): boolean {
  const own = moduleOf(file);
  if (specifier.startsWith("../")) return false;
  if (specifier.startsWith("node:")) return true;
  if (!/^[.#]/.test(specifier)) return mayImportPackage(file, specifier);
  if (compositionRoots.includes(own)) return true;

  const target = specifier.startsWith("#")
    ? moduleOf(specifier.slice(1))
    : moduleOf(`${file.slice(0, file.lastIndexOf("/"))}/${specifier.slice(2)}`);
  if (target === own || leaves.includes(target)) return true;
  if (configuration.includes(own)) return configuration.includes(target);
  const allowed = allowedImports[own] ?? [];
  const named = allowed.includes(target) || allowed.includes(specifier);
  return named || (typeOnly && allowed.includes(`type ${target}`));
}

function mayImportPackage(file: string, specifier: string): boolean {
  const [name = ""] = Object.keys(vendors)
    .filter((vendor) => specifier === vendor || specifier.startsWith(`${vendor}/`))
    .sort((a, b) => b.length - a.length);
  return vendors[name]?.some((place) => file.startsWith(place)) ?? false;
}

/** A package of its own, to which this one's #src/ means nothing. */
const otherPackage = "test/bench/agent-overhead/**";

function filesIn(...patterns: string[]): string[] {
  return globSync(patterns, { exclude: ["**/node_modules/**", otherPackage] })
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
}

const sources = filesIn("src/**/*.ts", "tools/**/*.ts");
const read = (file: string) => readFileSync(file, "utf8");

describe("the sources", () => {
  it("lie in folders that the import table knows", () => {
    const known = [
      ...Object.keys(allowedImports),
      ...leaves,
      ...configuration,
      ...compositionRoots,
    ];

    expect(sources.filter((file) => !known.includes(moduleOf(file)))).toEqual([]);
  });

  it.each(sources)("import only what their place allows: %s", (file) => {
    const forbidden = importsOf(read(file)).filter((found) => !mayImport(file, found));

    expect(forbidden.map(({ specifier }) => specifier)).toEqual([]);
  });

  it("read the environment nowhere but where the program starts", () => {
    const readers = sources.filter((file) =>
      /\bprocess\.env\b|\benv\b.*"node:process"/.test(read(file)),
    );

    expect(readers.filter((file) => !compositionRoots.includes(moduleOf(file)))).toEqual([]);
  });
});

describe("every file", () => {
  const files = [...sources, ...filesIn("test/**/*.ts", "*.ts", "*.mjs")];

  it("reaches other folders by their names, never by ../", () => {
    const climbs = (file: string) =>
      importsOf(read(file)).some(({ specifier }) => specifier.startsWith("../"));

    expect(files.filter(climbs)).toEqual([]);
  });

  it("exports by name", () => {
    const byDefault = files.filter((file) => /^export default\b/m.test(read(file)));

    expect(byDefault).toEqual(["vitest.config.ts"]);
  });

  it("is finished", () => {
    const unfinished = files.filter((file) => /\b(?:TO[D]O|FIX[M]E|XX[X])\b/.test(read(file)));

    expect(unfinished).toEqual([]);
  });
});

describe("the check itself", () => {
  it.each([
    ["src/policy/roles.ts", 'import { a } from "#src/slack/slack-app.ts"'],
    ["src/policy/roles.ts", 'import "#src/proxmox/guests.ts"'],
    ["src/policy/roles.ts", 'const a = await import("#src/proxmox/guests.ts")'],
    ["src/policy/roles.ts", 'import { a } from "../audit/audit-log.ts"'],
    ["src/policy/roles.ts", 'import { loadConfig } from "#src/config.ts"'],
    ["src/agent/agent.ts", 'import {\n  type A,\n  b,\n} from "#src/proxmox/guests.ts"'],
    ["src/agent/agent.ts", 'export * from "openai"'],
    ["src/agent/agent.ts", 'import left from "left-pad"'],
    ["src/log.ts", 'import { a } from "#src/policy/policy.ts"'],
    ["src/log.ts", 'import { a } from "./config.ts"'],
    ["tools/guests/start-guest.ts", 'import { z } from "zod"'],
    ["tools/guests/start-guest.ts", 'import { z } from "zod/v3"'],
    ["tools/guests/start-guest.ts", 'import { a } from "#src/proxmox/guests.ts"'],
    ["src/proxmox/guests.ts", 'import { z } from "zod/v3"'],
  ])("sees in %s that it may not %s", (file, source) => {
    expect(importsOf(source).map((found) => mayImport(file, found))).toEqual([false]);
  });

  it.each([
    ["src/audit/audit-log.ts", 'import type { Policy } from "#src/policy/policy.ts"'],
    ["src/policy/roles.ts", 'import { PublicError } from "#src/errors.ts"'],
    ["src/agent/models/openai-chat.ts", 'import { retry } from "./retry.ts"'],
    ["src/agent/models/openai-chat.ts", 'import type { A } from "openai/resources"'],
    ["src/config.ts", 'import { settings } from "./settings.ts"'],
    ["src/commands/chat.ts", 'import { loadConfig } from "#src/config.ts"'],
    ["tools/guests/start-guest.ts", 'import type { A } from "#src/proxmox/guests.ts"'],
    ["tools/guests/start-guest.ts", 'import { z } from "#tools/schema.ts"'],
    ["src/policy/roles.ts", 'import { join } from "node:path"'],
  ])("sees in %s that it may %s", (file, source) => {
    expect(importsOf(source).map((found) => mayImport(file, found))).toEqual([true]);
  });
});
