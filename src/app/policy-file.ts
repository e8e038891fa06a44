import { dirname, resolve } from "node:path";
import { z } from "zod";
import { readFileWithin } from "#src/bounds/read-file.ts";
import type { Config } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { lintPolicy } from "#src/policy/lint.ts";
import { withListFile } from "#src/policy/list-file.ts";
import {
  type Known,
  type PolicyDocument,
  parsePolicyDocument,
  principalsOf,
  simplestPolicy,
} from "#src/policy/policy-document.ts";
import type { Principal, Principals } from "#src/policy/principal.ts";
import { nobody } from "#src/policy/roles.ts";

/** A policy that may be used. */
export interface LoadedPolicy {
  readonly document: PolicyDocument;
  readonly principals: Principals;
  /** What is probably not meant as it is written, in sentences. */
  readonly warnings: readonly string[];
}

/** What a policy comes from; read anew, it may be another. */
export interface PolicySource {
  /** Everything that the policy is made from, to see whether it has changed. Never rejects. */
  text(): Promise<string>;
  /** @throws PublicError with every mistake when the file cannot be read or is not valid. */
  load(): Promise<LoadedPolicy>;
}

interface Options {
  readonly config: Pick<Config, "policyFile" | "timeZone">;
  /** The sandbox's people, where it is one. */
  readonly sandboxUsers?: readonly Principal[] | undefined;
  readonly tools: Known["tools"];
  /** Everybody's time zone, whatever their own. */
  readonly timeZone?: string | undefined;
}

/**
 * The policy file; without one, the sandbox's own people, or on a real cluster nobody in
 * particular: then everyone may read, and nobody may change anything.
 */
export function policySource(options: Options): PolicySource {
  const { config, sandboxUsers, tools, timeZone } = options;
  const { policyFile: path } = config;
  const zone = timeZone ?? config.timeZone;
  const inZone = (user: Principal) => (timeZone ? { ...user, timeZone } : user);

  if (path !== undefined) {
    return {
      async text() {
        const text = await readIfThere(path);
        const lists = listsNamedIn(await parseYaml(text ?? "").catch(() => undefined));
        const texts = lists.map(({ file }) => readIfThere(beside(path, file)));
        return JSON.stringify([text, ...(await Promise.all(texts))]);
      },
      async load() {
        const { warnings, document } = await readPolicyFile(path, { tools, timeZone: zone });
        return loaded({ ...document, users: document.users.map(inZone) }, warnings);
      },
    };
  }
  const unknownUsers = sandboxUsers ? nobody : "viewer";
  const document = { ...simplestPolicy, users: (sandboxUsers ?? []).map(inZone), unknownUsers };
  return { text: async () => "", load: async () => loaded(document, []) };

  function loaded(document: PolicyDocument, warnings: readonly string[]): LoadedPolicy {
    return { document, warnings, principals: principalsOf(document, zone) };
  }
}

/**
 * Reads a policy file, and the files that its lists of guests name.
 *
 * @throws PublicError with every mistake when it cannot be read or is not valid.
 */
export async function readPolicyFile(
  path: string,
  known: Known,
): Promise<Pick<LoadedPolicy, "document" | "warnings">> {
  const raw = await readYaml(path);
  let document = parsePolicyDocument(raw, known);
  const warnings: string[] = [];
  for (const { list, name, file } of listsNamedIn(raw)) {
    const read = withListFile(document, list, await readIfThere(beside(path, file)));
    document = read.document;
    const effect = list === "allowedGuests" ? "it allows no guest" : "it denies every guest";
    if (read.mistake)
      warnings.push(`${name}.file: ${file} is of no use, so ${effect}: ${read.mistake}.`);
  }
  return { document, warnings: [...warnings, ...lintPolicy(document, known)] };
}

/**
 * The content of a YAML file.
 *
 * @throws PublicError that says where it cannot be read.
 */
export async function readYaml(path: string): Promise<unknown> {
  try {
    return await parseYaml(await readFileWithin(path));
  } catch (cause) {
    // The first line says where; those after it would quote the file.
    const [reason] = (cause as Error).message.split(":\n");
    throw new PublicError(`The policy file ${path} cannot be read (${reason}).`, { cause });
  }
}

async function parseYaml(text: string): Promise<unknown> {
  // Loaded where there is a policy file only: the sandbox starts sooner without it.
  const { parse } = await import("yaml");
  return parse(text);
}

const lists = [
  { list: "allowedGuests", name: "allowed_guests" },
  { list: "deniedGuests", name: "denied_guests" },
] as const;
const withFile = z.object({ file: z.string() });

function listsNamedIn(raw: unknown) {
  const sections = z.record(z.string(), z.unknown()).safeParse(raw).data ?? {};
  return lists.flatMap(({ list, name }) => {
    const { data } = withFile.safeParse(sections[name]);
    return data ? [{ list, name, file: data.file }] : [];
  });
}

function beside(path: string, file: string): string {
  return resolve(dirname(path), file);
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFileWithin(path).catch(() => undefined);
}
