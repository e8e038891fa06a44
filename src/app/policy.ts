import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditLog } from "#src/audit/audit-log.ts";
import { type Brake, createBrake } from "#src/brake/brake.ts";
import { watchBrakeFile } from "#src/brake/brake-file.ts";
import { type BrakeLever, createBrakeLever } from "#src/brake/brake-lever.ts";
import { braked } from "#src/brake/braked.ts";
import { PublicError } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { deletionPolicyOf, endsDeletion } from "#src/policy/deletion-rules.ts";
import { policyOf } from "#src/policy/judge.ts";
import type { Policy } from "#src/policy/policy.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principals } from "#src/policy/principal.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { Database } from "#src/storage/database.ts";
import type { PolicySource } from "./policy-file.ts";
import { createPolicyNews } from "./policy-news.ts";
import { type UsageDeps, usageReader } from "./policy-usage.ts";

/** The policy in force, which follows its file. */
export interface LivePolicy {
  /** For what people ask for. */
  readonly policy: Policy;
  /** For carrying out deletions. */
  readonly deletionPolicy: Policy;
  /** The people of the policy in force, at any time. */
  readonly principals: Principals;
  readonly brake: Brake;
  document(): PolicyDocument;
  /** Looks at the file now, and takes a policy over that is valid. Never rejects. */
  look(): Promise<void>;
  close(): Promise<void>;
}

interface Deps extends UsageDeps {
  readonly source: PolicySource;
  readonly databasePath: string;
  readonly db: Database;
  readonly audit: Pick<AuditLog, "append" | "find">;
  readonly log: Logger;
}

/** How often the file is looked at, in milliseconds. */
const lookEvery = 2_000;
/** How long a file has to stay as it is before it counts, in milliseconds. */
const settleTime = 100;

/**
 * Reads the policy and follows its file from then on. A file that has become invalid changes
 * nothing: the policy before stays in force, and the log says each mistake once. What becomes of the
 * file is in the audit log, from which the channel hears it.
 *
 * @throws PublicError with every mistake when there is no valid policy to begin with.
 */
export async function openPolicy(deps: Deps): Promise<LivePolicy> {
  const { log } = deps;
  const { inForce, look } = await followPolicy(deps);
  const file = brakeFile(deps.databasePath);
  const brake = createBrake({ ...deps, file });
  const fileWatch = file === undefined ? undefined : watchBrakeFile({ ...deps, file, brake });
  const lookAround = async () => {
    await look();
    await fileWatch?.look();
  };
  const ticker = createTicker({ every: lookEvery, log, run: lookAround });
  ticker.start();
  const stopSignal = freezeBySignal(createBrakeLever({ ...deps, brake }), log);
  return {
    policy: braked(countedPolicy(inForce, deps), brake),
    deletionPolicy: braked(
      { evaluate: (request) => inForce().deletions.evaluate(request) },
      brake,
      ({ tool }) => endsDeletion(tool),
    ),
    principals: livePrincipals(() => inForce().principals),
    brake,
    document: () => inForce().document,
    look,
    async close() {
      stopSignal();
      await ticker.stop();
    },
  };
}

/** What a policy file comes to. */
interface InForce {
  readonly document: PolicyDocument;
  readonly principals: Principals;
  readonly people: Policy;
  readonly deletions: Policy;
}

/** The policy in force at any time, and a look at its file, which may change it. */
async function followPolicy(deps: Deps) {
  const { source, log } = deps;
  let text = await source.text();
  let current = await load(source, log);
  const news = createPolicyNews(deps);
  await news.inForce(current.document);

  async function takeOver(): Promise<void> {
    try {
      const { document: before } = current;
      current = await load(source, log);
      log.info("a new policy is in force");
      await news.inForce(current.document, before);
    } catch (error) {
      const mistakes = error instanceof PublicError ? error.message.split("\n") : undefined;
      log.error(
        { err: error, mistakes },
        "the new policy is not valid; the one before stays in force",
      );
      await news.invalid(error);
    }
  }

  async function lookOnce(): Promise<void> {
    const latest = await source.text();
    if (latest === text) return;
    await sleep(settleTime);
    // Whoever writes it has not ended yet; what is there may be half of a policy.
    if ((await source.text()) !== latest) return;
    text = latest;
    await takeOver();
  }

  // One after another, so that two that come together do not both find something new.
  let looking = Promise.resolve();
  return {
    inForce: () => current,
    look(): Promise<void> {
      looking = looking.then(lookOnce);
      return looking;
    },
  };
}

async function load(source: PolicySource, log: Logger): Promise<InForce> {
  const { document, principals, warnings } = await source.load();
  for (const warning of warnings) log.warn({ warning }, "the policy may not be what is meant");
  const deletions = deletionPolicyOf(document, principals);
  return { document, principals, people: policyOf(document), deletions };
}

/** The policy for people, which is told what counts towards its limits. */
function countedPolicy(inForce: () => InForce, deps: UsageDeps): Policy {
  const usageOf = usageReader(deps);
  return {
    async evaluate(request) {
      const { document, people } = inForce();
      return people.evaluate({ ...request, usage: await usageOf(document, request) });
    },
  };
}

function livePrincipals(current: () => Principals): Principals {
  return {
    find: (id) => current().find(id),
    get known() {
      return current().known;
    },
    get groups() {
      return current().groups;
    },
    get groupIds() {
      return current().groupIds;
    },
  };
}

/** The file beside the database that freezes everything; none where nothing is kept. */
export function brakeFile(databasePath: string): string | undefined {
  return databasePath === ":memory:" ? undefined : join(dirname(databasePath), "FREEZE");
}

/** @returns what has the signal mean nothing again */
function freezeBySignal(brake: BrakeLever, log: Logger): () => void {
  const freeze = () => {
    brake
      .freeze({ by: { id: "SIGUSR2", name: "the signal SIGUSR2", role: "host" } }, "")
      .catch((error: unknown) => log.fatal({ err: error }, "could not freeze"));
  };
  process.on("SIGUSR2", freeze);
  return () => process.off("SIGUSR2", freeze);
}
