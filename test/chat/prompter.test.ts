import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createPrompter } from "#src/chat/prompter.ts";
import { screenText } from "#test/support/screen-text.ts";

function setUp(terminal = true) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { isTTY: terminal, columns: 40, rows: 20 });
  let written = "";
  output.on("data", (chunk) => {
    written += chunk;
  });
  const prompter = createPrompter(input, output, () => {});
  /** What is typed has been read by then. */
  async function types(text: string) {
    input.write(text);
    await new Promise(setImmediate);
  }
  return { prompter, output, types, written: () => written, shown: () => screenText(written, 40) };
}

describe("an interjection", () => {
  it("stands above the prompt, and leaves what is being typed as it is", async () => {
    const { prompter, types, shown } = setUp();
    const line = prompter.nextLine("\nalice > ");
    await types("shut down");

    expect(await prompter.interject("#proxmox  first")).toBe(true);
    expect(await prompter.interject("to you  second\n  and more")).toBe(true);

    const prompt = ["", "alice > shut down"];
    expect(shown()).toEqual(["#proxmox  first", "to you  second", "  and more", ...prompt]);
    await types(" web-02\r");
    expect(await line).toBe("shut down web-02");
  });

  it("lets typing go on where the cursor stood", async () => {
    const { prompter, types } = setUp();
    const line = prompter.nextLine("\nalice > ");
    await types("sht\u001b[D");

    await prompter.interject("#proxmox  first");
    await types("u\r");

    expect(await line).toBe("shut");
  });

  it.each([
    ["typed", (long: string) => [...long]],
    ["pasted", (long: string) => [long]],
  ])("takes all rows of a long line that was %s", async (_, inPieces) => {
    const { prompter, types, shown } = setUp();
    const line = prompter.nextLine("\nalice > ");
    const long = `${"x".repeat(60)}${"y".repeat(40)}`;
    for (const piece of inPieces(long)) await types(piece);

    await prompter.interject("#proxmox  first");

    const prompt = ["", `alice > ${"x".repeat(32)}`, `${"x".repeat(28)}${"y".repeat(12)}`];
    expect(shown()).toEqual(["#proxmox  first", ...prompt, "y".repeat(28)]);
    await types("\r");
    expect(await line).toBe(long);
  });

  it("waits for the next prompt while something else is shown", async () => {
    const { prompter, output, types, shown } = setUp();
    const first = prompter.nextLine("> ");
    await types("go\r");
    await first;
    output.write("half an ");

    const interjected = prompter.interject("#proxmox  first");
    output.write("answer\n");
    expect(shown()).toEqual(["> go", "half an answer", ""]);
    void prompter.nextLine("> ");

    expect(await interjected).toBe(true);
    expect(shown()).toEqual(["> go", "half an answer", "#proxmox  first", ">"]);
  });

  it("comes above a question too, which it does not answer", async () => {
    const { prompter, types, shown } = setUp();
    const answer = prompter.ask("  Do it? [y/N] ");

    await prompter.interject("#proxmox  first");

    expect(shown()).toEqual(["#proxmox  first", "  Do it? [y/N]"]);
    await types("y\r");
    expect(await answer).toBe("y");
  });

  it("is not shown to somebody who has left", async () => {
    const { prompter, types } = setUp();
    const first = prompter.nextLine("> ");
    await types("go\r");
    await first;

    const waiting = prompter.interject("before");
    prompter.close();

    expect(await waiting).toBe(false);
    expect(await prompter.interject("after")).toBe(false);
    expect(await prompter.nextLine("> ")).toBeUndefined();
  });

  it("is a line of its own where the output is no terminal", async () => {
    const { prompter, written } = setUp(false);
    void prompter.nextLine("> ");

    await prompter.interject("#proxmox  first");

    expect(written()).toBe("> \n#proxmox  first\n> ");
  });
});
