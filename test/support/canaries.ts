import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { privateKeyIn } from "#src/setting-values.ts";
import { isSecret, type SettingName, settingNames } from "#src/settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings that hold a credential. */
export const secretSettings: readonly SettingName[] = settingNames.filter(isSecret);

/** The credentials that a program with this environment has, by their settings. */
export function secretsIn(env: Environment): Readonly<Record<string, string>> {
  const held = secretSettings.flatMap((name) => {
    const value = env[name];
    // Where a file is named, its content counts, and that may be anywhere.
    if (!value || value.endsWith(".json")) return [];
    return [[name, privateKeyIn(value)?.split("\n")[7] ?? value]];
  });
  return Object.fromEntries(held);
}

/** Which of the credentials are in which of the texts, in whatever spelling; each in words. */
export function leaksIn(
  texts: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(texts).flatMap(([place, text]) =>
    Object.entries(secrets).flatMap(([name, secret]) =>
      spellings(secret).some((spelling) => text.includes(spelling))
        ? [`${name} is in ${place}`]
        : [],
    ),
  );
}

/** Enough of it to be worth something to a thief. */
function spellings(secret: string): readonly string[] {
  const telling = secret.slice(0, Math.max(16, secret.length - 8));
  const base64 = Buffer.from(secret).toString("base64").slice(0, -4);
  return [telling, encodeURIComponent(telling), JSON.stringify(telling).slice(1, -1), base64];
}

/** A database's files go with the last of those who use it. */
async function readUnlessGone(path: string): Promise<string> {
  return readFile(path, "latin1").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}

/** What a program left in its folder, by the names of the files; its configuration is not its own. */
export async function filesLeftIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && !/^\.env|\.(pem|json)$/.test(entry.name),
  );
  const texts = files.map(async ({ parentPath, name }) => {
    return [name, await readUnlessGone(join(parentPath, name))] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}
