import { styleText } from "node:util";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { RunEvent, RunResult } from "#src/agent/agent.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { cardLines } from "./card.ts";
import type { TerminalNotice } from "./notices.ts";
import { printable } from "./printable.ts";

/** Where a terminal conversation is written; the parts of a TTY stream that are used. */
export interface ScreenOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Writes a conversation so that a person enjoys reading it. */
export interface Screen {
  say(text: string): void;
  showEvent(event: RunEvent): void;
  showProgress(message: string): void;
  showResult(result: RunResult): void;
  /** @param risks what is known at this moment of each guest that would be lost */
  showCard(confirmation: Confirmation, timeZone: string, risks: readonly GuestRisk[]): void;
  /** A notice as it is to be shown; no line of it can be taken for anything else. */
  paintNotice(notice: TerminalNotice, readerId: string): string;
}

type Style = Parameters<typeof styleText>[0];

/** A screen on a terminal, or on a file, where it writes no colours and no progress. */
export function createScreen(output: ScreenOutput): Screen {
  /** What of the answer has been written while it was coming in. */
  let streamed = "";
  let progressShown = false;

  const paint = (style: Style, text: string) =>
    output.isTTY ? styleText(style, printable(text), { validateStream: false }) : printable(text);

  function clearProgress() {
    if (progressShown) output.write("\r\x1b[2K");
    progressShown = false;
  }

  function say(text: string) {
    clearProgress();
    output.write(`${printable(text)}\n`);
  }

  function showProgress(message: string) {
    clearProgress();
    if (!output.isTTY) return;
    output.write(paint("dim", `… ${message}`));
    progressShown = true;
  }

  return {
    say,
    showProgress,

    showEvent(event) {
      if (event.type === "progress") showProgress(event.message);
      if (event.type === "text") {
        clearProgress();
        output.write(printable(event.delta));
        streamed += event.delta;
      }
      if (event.type === "turn-ended") {
        if (streamed !== "") output.write("\n");
        streamed = "";
      }
    },

    showResult({ reply }) {
      clearProgress();
      const rest = reply.startsWith(streamed) ? reply.slice(streamed.length) : `\n${reply}`;
      output.write(`${printable(rest)}\n`);
      streamed = "";
    },

    showCard(confirmation, timeZone, risks) {
      clearProgress();
      const [summary = "", ...details] = cardLines(confirmation, timeZone, risks);
      const bar = paint("yellow", "│");
      output.write(`\n${bar} ${paint("bold", summary)}\n`);
      for (const line of details) output.write(`${bar} ${paint("dim", line)}\n`);
    },

    paintNotice({ addressee, message, answer, repeats }, readerId) {
      const name = addressee?.id === readerId ? "you" : addressee?.name;
      const mark = paint(["bold", "cyan"], name === undefined ? "#proxmox" : `to ${name}`);
      if (repeats) return `${mark}  The same.`;
      const [first = "", ...more] = message.split("\n");
      const lines = [`${mark}  ${printable(first)}`];
      for (const line of more) lines.push(`  ${printable(line)}`);
      if (answer) lines.push(`  ${paint("dim", answer)}`);
      return lines.join("\n");
    },
  };
}
