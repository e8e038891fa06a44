import { onTestFinished } from "vitest";
import { type ServerScript, startOpenAiServer } from "./openai-server.ts";

/** Starts a scripted server for one test, with the settings that lead the program to it. */
export async function startModel(script: ServerScript, api: "chat" | "responses" = "chat") {
  const server = await startOpenAiServer(script);
  onTestFinished(() => server.close());
  const env = {
    OPENAI_BASE_URL: server.baseUrl,
    OPENAI_API_KEY: "test-key",
    OPENAI_MODEL: "scripted",
    LLM_API: api,
  };
  return { server, env };
}
