import { createApp } from "#src/app/app.ts";
import { terminalPrincipal } from "#src/app/terminal.ts";
import type { Config } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { silentLogger } from "#src/log.ts";
import { nobody } from "#src/policy/rules.ts";
import type { Check, Finding } from "./finding.ts";

const about = "people";

/** Who may do what: the policy file, and what it makes of whoever runs this. */
export const checkPeople: Check = async (config) => {
  // The program itself reads the file, beside the database and the model, which are not its matter.
  const model = { kind: "offline" } as const;
  const settings: Config = { ...config, databasePath: ":memory:", model };
  try {
    const app = await createApp(settings, silentLogger);
    try {
      const { name, role } = terminalPrincipal(app.principals, config);
      return [judgePolicy(config), judgeRole(name, role, config)];
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
