import { createApp } from "#src/app/app.ts";
import { terminalPrincipal } from "#src/app/terminal.ts";
import { lintFile } from "#src/commands/policy/check.ts";
import type { Config } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { silentLogger } from "#src/log.ts";
import type { Known } from "#src/policy/policy-document.ts";
import type { Principals } from "#src/policy/principal.ts";
import { nobody } from "#src/policy/roles.ts";
import type { Check, Finding } from "./finding.ts";

const about = "people";

/** Who may do what: the policy file, and what it makes of people in Slack, or of whoever runs this. */
export const checkPeople: Check = async (config) => {
  // The program itself reads the file; what it opens besides is not the matter of this check.
  const model = { kind: "offline" } as const;
  const calendar = { kind: "local" } as const;
  const settings: Config = { ...config, databasePath: ":memory:", model, calendar };
  try {
    const app = await createApp(settings, silentLogger);
    try {
      const policy = [judgePolicy(config), ...(await judgeMeaning(config, app.executor.tools))];
      if (config.slack) return [...policy, judgeSlackPeople(app.principals, config)];
      const { name, role } = terminalPrincipal(app.principals, config);
      return [...policy, judgeRole(name, role, config)];
    } finally {
      await app.stop();
    }
  } catch (error) {
    if (!(error instanceof PublicError)) throw error;
    const [message = "", ...details] = error.message.split("\n");
    const fix = [`# mend ${config.policyFile}; data/policy.example.yaml shows what one looks like`];
    return [{ about, level: "failure", message, details, fix }];
  }
};

function judgePolicy({ policyFile, proxmox }: Config): Finding {
  if (policyFile) return { about, level: "ok", message: `The policy file ${policyFile} is valid.` };
  if (proxmox.kind === "sandbox") {
    return { about, level: "ok", message: "The sandbox brings its own people." };
  }
  return {
    about,
    level: "warning",
    message: "There is no policy file: everyone may read, nobody may change anything.",
    fix: [
      "cp data/policy.example.yaml data/policy.yaml",
      "# then in .env:",
      "POLICY_FILE=data/policy.yaml",
    ],
  };
}

/** What `npm run policy -- check` warns of; without the cluster's names, where it does not answer. */
async function judgeMeaning(
  { policyFile, timeZone, proxmox }: Config,
  tools: Known["tools"],
): Promise<readonly Finding[]> {
  if (policyFile === undefined) return [];
  const known = { tools, timeZone };
  const { warnings } = await lintFile(policyFile, known, proxmox).catch((error: unknown) => {
    if (!(error instanceof PublicError)) throw error;
    return lintFile(policyFile, known);
  });
  if (warnings.length === 0) return [];
  const message = "The policy file may not say what is meant:";
  const fix = ["npm run policy -- check"];
  return [{ about, level: "warning", message, details: warnings, fix }];
}

function judgeRole(name: string, role: string, { policyFile }: Config): Finding {
  if (role !== nobody) {
    return {
      about,
      level: "ok",
      message: `At this terminal you are ${name}, with the role ${role}.`,
    };
  }
  const message = `At this terminal you are ${name}, whom the policy does not know: you may do nothing.`;
  const fix = [`# in ${policyFile}, under users:`, `  - { id: ${name}, role: admin }`];
  return { about, level: "warning", message, fix };
}

/** In Slack, people are known by their member IDs, and groups by theirs. */
function judgeSlackPeople({ known, groups, find }: Principals, { policyFile }: Config): Finding {
  const members = known.filter(({ id, role }) => /^[UW][A-Z0-9]{2,}$/.test(id) && role !== nobody);
  const { role: others } = find("");
  const rest = `Everybody else in Slack ${others === nobody ? "may do nothing" : `has the role ${others}`}.`;
  if (members.length + groups.length > 0) {
    const message = `People of Slack that the policy names: ${members.length}, groups: ${groups.length}. ${rest}`;
    return { about, level: "ok", message };
  }
  return {
    about,
    level: "warning",
    message: `The policy names nobody of Slack by the member ID. ${rest}`,
    fix: [
      `# in ${policyFile ?? "the file that POLICY_FILE names"}, under users, with the ID that "Copy member ID" in a Slack profile gives:`,
      "  - { id: U0123456789, name: Alice, role: admin }",
    ],
  };
}
