import type { ServerScript } from "./openai-server.ts";
import { startScriptedServer } from "./scripted-server.ts";

/** Starts a scripted server for one test, with the settings that lead the program to it. */
export async function startModel(script: ServerScript, api: "chat" | "responses" = "chat") {
  const server = await startScriptedServer(script);
  const env = {
    OPENAI_BASE_URL: server.baseUrl,
    OPENAI_API_KEY: "key-5f0c93b7d1e84a26",
    OPENAI_MODEL: "scripted",
    LLM_API: api,
  };
  return { server, env };
}
