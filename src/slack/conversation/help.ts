import type { SlackMessage } from "#src/slack/format/message.ts";
import { plainMessage } from "#src/slack/format/message.ts";

/** What Slack offers to somebody who opens the conversation; at most four. */
export const suggestedPrompts = [
  { title: "Running guests", message: "List the running guests" },
  { title: "Cluster health", message: "How is the cluster?" },
  { title: "Coming deletions", message: "What is scheduled for deletion?" },
];

/** For whoever calls us and says nothing. */
export function helpMessage(): SlackMessage {
  return plainMessage(
    [
      "Say what you want to know or have done, for example:",
      "- list the running containers",
      "- shut down web-02 and delete test-runner on friday at 18:00",
      "- what is scheduled for deletion?",
      "",
      "I answer in the thread, and there you need not mention me again. What needs your confirmation comes with buttons.",
    ].join("\n"),
  );
}
