import { describe, expect, it } from "vitest";
import { chooseApi, isOpenAi, normalizeBaseUrl } from "#src/agent/models/model-server.ts";

describe("chooseApi", () => {
  it.each([
    [undefined, "responses"],
    ["https://api.openai.com/v1", "responses"],
    ["https://eu.api.openai.com/v1/", "responses"],
    ["https://acme.openai.azure.com/openai/v1/", "responses"],
    ["https://acme.openai.azure.com/openai/deployments/gpt", "chat"],
    ["http://localhost:11434/v1", "chat"],
    ["https://api.openai.com.evil.example/v1", "chat"],
    ["https://openrouter.ai/api/v1", "chat"],
    ["not a URL", "chat"],
  ])("takes for %s the %s API", (baseUrl, api) => {
    expect(chooseApi("auto", baseUrl)).toBe(api);
  });

  it("follows the setting where there is one", () => {
    expect(chooseApi("chat", "https://api.openai.com/v1")).toBe("chat");
    expect(chooseApi("responses", "http://localhost:11434/v1")).toBe("responses");
  });
});

it("knows who serves the whole API", () => {
  expect(isOpenAi("https://acme.openai.azure.com/openai/v1/")).toBe(true);
  expect(isOpenAi("http://localhost:1234/v1")).toBe(false);
});

it("takes slashes and blanks off a base URL", () => {
  expect(normalizeBaseUrl(" http://localhost:1234/v1// ")).toBe("http://localhost:1234/v1");
});
