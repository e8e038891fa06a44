import type { WebClient } from "@slack/web-api";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { permalinkTo } from "#src/slack/place.ts";

const approval =
  /^(?:y|yes|yep|yeah|yup|ja|sure|ok|okay|confirm(?:ed)?|approved?|do it|go ahead|go for it|proceed|yes,? (?:please|do it|go ahead|confirm))[\s.!]*$/i;

/** Whether a message is nothing but an approval. */
export function isTypedApproval(text: string): boolean {
  return approval.test(text.trim());
}

/** A message approves nothing, whoever wrote it: says so, and where the button is. */
export async function pointToButtons(
  web: WebClient,
  confirmations: readonly Confirmation[],
): Promise<string> {
  const lines = await Promise.all(
    confirmations.map(async ({ summary, place }) => {
      const link = place && (await permalinkTo(web, place));
      return `- ${summary}${link ? ` ${link}` : ""}`;
    }),
  );
  return [
    "A message confirms nothing: please press the button on the card.",
    ...lines,
    "If you meant something else, say it in a few more words.",
  ].join("\n");
}
