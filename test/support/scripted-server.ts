import { onTestFinished } from "vitest";
import { type OpenAiServer, type ServerScript, startOpenAiServer } from "./openai-server.ts";

/** Starts a server of scripted answers for one test, and closes it after. */
export async function startScriptedServer(script: ServerScript): Promise<OpenAiServer> {
  const server = await startOpenAiServer(script);
  onTestFinished(() => server.close());
  return server;
}
