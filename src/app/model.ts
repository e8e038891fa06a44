import { defaultLimits } from "#src/agent/limits.ts";
import type { Model } from "#src/agent/model.ts";
import { createDiscreetModel } from "#src/agent/models/discreet-model.ts";
import { createOfflinePlanner } from "#src/agent/models/offline-planner.ts";
import type { Clock } from "#src/clock.ts";
import type { ModelConfig } from "#src/config.ts";
import type { Logger } from "#src/log.ts";
import type { Redact } from "#src/redaction.ts";

/**
 * The model that reads what people write: the configured one, with the offline planner behind it
 * for when it is down, or the planner alone. None of them is told a secret, or tells one.
 */
export async function openModel(
  config: ModelConfig,
  clock: Clock,
  log: Logger,
  redact: Redact,
): Promise<Model> {
  // Each by itself: where one breaks off, the other begins a text of its own.
  const discreet = (model: Model) => createDiscreetModel(model, redact, defaultLimits);
  const planner = discreet(createOfflinePlanner());
  if (config.kind === "offline") return planner;

  const { createOpenAiModel } = await import("#src/agent/models/openai-model.ts");
  const { createFallbackModel } = await import("#src/agent/models/fallback.ts");
  const { apiKey, baseUrl, model, api, timeoutSeconds } = config;
  const patience = { answerTime: timeoutSeconds * 1000 };
  const configured = await createOpenAiModel({ apiKey, baseUrl, model, api, patience, log });
  return createFallbackModel({ primary: discreet(configured), fallback: planner, clock, log });
}
