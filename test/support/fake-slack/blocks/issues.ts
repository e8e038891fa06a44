import type { z } from "zod";

/** What zod found, as Slack words it in `response_metadata.messages`. */
export function slackMessages(error: z.ZodError, root: readonly string[]): string[] {
  return error.issues.map((issue) => {
    const pointer = [...root, ...issue.path].map((step) => `/${String(step)}`).join("");
    return `[ERROR] ${wording(issue)} [json-pointer:${pointer}]`;
  });
}

function wording(issue: z.core.$ZodIssue): string {
  const unit = "origin" in issue && issue.origin === "array" ? "items" : "characters";
  switch (issue.code) {
    case "unrecognized_keys":
      return `invalid additional property: ${issue.keys.join(", ")}`;
    case "too_big":
      return unit === "items"
        ? `no more than ${issue.maximum} items allowed`
        : `must be less than ${Number(issue.maximum) + 1} characters`;
    case "too_small":
      return unit === "items"
        ? `no fewer than ${issue.minimum} items allowed`
        : `must be more than ${Number(issue.minimum) - 1} characters`;
    case "invalid_type":
      return issue.input === undefined ? `missing required field` : issue.message;
    case "invalid_union":
      return issue.path.at(-1) === "type" ? "unsupported type" : issue.message;
    default:
      return issue.message;
  }
}
