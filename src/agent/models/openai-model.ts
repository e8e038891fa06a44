import type { Model } from "#src/agent/model.ts";
import { type ApiSetting, chooseApi } from "./model-server.ts";
import type { OpenAiModelOptions } from "./resilient-model.ts";

/**
 * The model on a server that speaks one of OpenAI's APIs. The `openai` package, which takes a
 * third of a second, is loaded here and not by those who import this.
 */
export async function createOpenAiModel({
  api,
  ...options
}: OpenAiModelOptions & { readonly api: ApiSetting }): Promise<Model> {
  if (chooseApi(api, options.baseUrl) === "responses") {
    const { createOpenAiResponsesModel } = await import("./openai-responses.ts");
    return createOpenAiResponsesModel(options);
  }
  const { createOpenAiChatModel } = await import("./openai-chat.ts");
  return createOpenAiChatModel(options);
}
