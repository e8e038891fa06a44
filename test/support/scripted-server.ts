import { expect, onTestFinished } from "vitest";
import { leaksIn } from "./canaries.ts";
import { type OpenAiServer, type ServerScript, startOpenAiServer } from "./openai-server.ts";

/** Starts a server of scripted answers for one test, and closes it after. */
export async function startScriptedServer(script: ServerScript): Promise<OpenAiServer> {
  const server = await startOpenAiServer(script);
  onTestFinished(async () => {
    await server.close();
    for (const { headers, body } of server.requests) {
      const key = headers.authorization?.replace(/^Bearer /, "");
      if (key)
        expect(leaksIn({ prompt: JSON.stringify(body) }, { "its own key": key })).toEqual([]);
    }
  });
  return server;
}
