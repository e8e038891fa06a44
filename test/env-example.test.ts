import { expect, it } from "vitest";
import { type SettingName, settingInfo, settingNames } from "#src/settings.ts";

const header = `# Every setting of proxmox-agent. The first start copies this file to .env, which is never committed:
# fill in there what you need. What stays empty is not set; the environment wins over the file.
#
# With nothing set, the sandbox runs: a simulated cluster, and a built-in planner instead of a model.
`;

/** Breaks a sentence into comment lines of the width that the sources have. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > 100) lines.push(`# ${word}`);
    else lines.splice(-1, 1, `${last} ${word}`);
  }
  return lines.join("\n");
}

function entry(name: SettingName): string {
  const { about, expected, secret } = settingInfo(name);
  const lines = [comment(about), comment(`Expected: ${expected}.`), `${name}=`];
  if (secret) lines.push("# Or the path of a file that holds it.", `${name}_FILE=`);
  return `${lines.join("\n")}\n`;
}

it("lists and explains every setting in .env.example, and nothing else", async () => {
  const text = [header, ...settingNames.map(entry)].join("\n");

  await expect(text).toMatchFileSnapshot("../.env.example");
});
