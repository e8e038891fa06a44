import type { ModelErrorKind } from "./model.ts";

/** What a person is told when the model gave no usable answer. */
export const modelFailureMessages: Readonly<Record<ModelErrorKind, string>> = {
  timeout: "The language model did not answer in time.",
  connection: "The language model cannot be reached.",
  "rate-limit": "The language model takes no more requests at the moment.",
  auth: "The language model refused the API key; the configuration needs mending.",
  quota: "The language model's quota is used up; its account needs attention.",
  "bad-request": "The language model refused the request; the log has the details.",
  "context-length": "This request is too long for the language model. Ask for less at once.",
  "invalid-response": "The language model gave no usable answer.",
  server: "The language model has a fault of its own at the moment.",
  aborted: "The language model's answer was broken off.",
};
