/** Which of OpenAI's two ways of talking to a model. */
export type Api = "chat" | "responses";

/** The setting `LLM_API`. */
export type ApiSetting = "auto" | Api;

const defaultBaseUrl = "https://api.openai.com/v1";

/** The base URL without a slash at its end; OpenAI's own when none is given. */
export function normalizeBaseUrl(baseUrl: string = defaultBaseUrl): string {
  return baseUrl.trim().replace(/\/+$/, "");
}

/**
 * The API to use when the setting leaves it open: Responses where its makers serve it, because
 * their reasoning models take no tools in Chat Completions; and Chat Completions, which every
 * compatible server has, elsewhere.
 */
export function chooseApi(setting: ApiSetting, baseUrl?: string): Api {
  if (setting !== "auto") return setting;
  return isOpenAi(baseUrl) ? "responses" : "chat";
}

/** Whether OpenAI or Azure serves it, and so the whole of the API, `strict` tools included. */
export function isOpenAi(baseUrl?: string): boolean {
  const url = URL.parse(normalizeBaseUrl(baseUrl));
  if (!url) return false;
  const azure = url.hostname.endsWith(".openai.azure.com") && url.pathname === "/openai/v1";
  return azure || url.hostname === "api.openai.com" || url.hostname.endsWith(".api.openai.com");
}
