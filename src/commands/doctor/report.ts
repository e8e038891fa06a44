import { styleText } from "node:util";
import { plainText } from "#src/plain-text.ts";
import type { Finding, Level } from "./finding.ts";

const colors: Readonly<Record<Level, Parameters<typeof styleText>[0]>> = {
  ok: "green",
  note: "cyan",
  warning: "yellow",
  failure: "red",
};
/** Longer than anything of ours; what a server says may be longer. */
const longestLine = 1000;

/** A finding for a person: a line, and below it the particulars and what mends it. */
export function describeFinding(finding: Finding, { colored }: { colored: boolean }): string {
  const { about, level, message, details = [], fix = [] } = finding;
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colored ? styleText(style, text, { validateStream: false }) : text;
  const clean = (line: string) => plainText(line, longestLine);
  return [
    `${paint(colors[level], level.padEnd(7))}  ${about}: ${clean(message)}`,
    ...details.map((line) => `         - ${clean(line)}`),
    ...fix.map((line) => `         ${paint("bold", clean(line))}`),
  ].join("\n");
}

/** How it came out as a whole. */
export function describeOutcome(findings: readonly Finding[]): string {
  const count = (level: Level, word: string) => {
    const number = findings.filter((finding) => finding.level === level).length;
    return `${number} ${word}${number === 1 ? "" : "s"}`;
  };
  return `${count("failure", "failure")}, ${count("warning", "warning")}.`;
}
