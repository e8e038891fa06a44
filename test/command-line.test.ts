import { expect, it } from "vitest";
import { parseCommandLine } from "#src/command-line.ts";

it("takes nothing for a plain start", () => {
  expect(parseCommandLine([])).toEqual({ kind: "run", overrides: {} });
});

it("takes what a person changes by hand", () => {
  expect(parseCommandLine(["--sandbox", "--log-level", "debug"])).toEqual({
    kind: "run",
    overrides: { sandbox: true, logLevel: "debug" },
  });
});

it.each(["--help", "-h"])("explains itself on %s", (flag) => {
  expect(parseCommandLine(["--sandbox", flag])).toEqual({
    kind: "help",
    text: expect.stringMatching(/^Usage: .*--sandbox.*--log-level.*--help/s),
  });
});

it.each([
  [["--log-level", "loud"], '--log-level is "loud"; expected trace, debug'],
  [["--log-level"], "--log-level"],
  [["--sandbx"], "--sandbx"],
  [["now"], "now"],
])("says what is wrong with %j, and how it is done", (argv, problem) => {
  const commandLine = parseCommandLine(argv);

  expect(commandLine).toEqual({ kind: "wrong", text: expect.stringContaining(problem) });
  expect(commandLine).toEqual({ kind: "wrong", text: expect.stringContaining("Usage: ") });
});
