import { expect, it } from "vitest";
import { plainText } from "#src/plain-text.ts";

it.each([
  ["web-02", "web-02"],
  ["a\nb\tc", "a b c"],
  ["\u001b[31mred", "[31mred"],
  ["safe\u202egnp.exe", "safe gnp.exe"],
  ["a\u200bb\ufeffc", "a b c"],
  ["  wide   space ", "wide space"],
])("shows %j as %j", (text, shown) => {
  expect(plainText(text, 20)).toBe(shown);
});

it("says that it cut something off, and cuts no character in two", () => {
  expect(plainText("abcdef", 6)).toBe("abcdef");
  expect(plainText("abcdefg", 6)).toBe("abcde…");
  expect(plainText("🦊🦊🦊🦊", 3)).toBe("🦊🦊…");
});
