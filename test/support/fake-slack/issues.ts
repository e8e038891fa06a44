import type { z } from "zod";

/** What zod found, as Slack words it in `response_metadata.messages`. */
export function slackMessages(error: z.ZodError, root: readonly string[] = []): string[] {
  return error.issues.map((issue) => {
    const path = [...root, ...issue.path.map(String)];
    const missing = issue.code === "invalid_type" && issue.input === undefined;
    const text = missing ? `missing required field: ${path.at(-1)}` : wording(issue);
    const place = missing ? path.slice(0, -1) : path;
    const pointer = place.length > 0 ? ` [json-pointer:/${place.join("/")}]` : "";
    return `[ERROR] ${text}${pointer}`;
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
    case "invalid_union":
      return issue.path.at(-1) === "type" ? "unsupported type" : issue.message;
    default:
      return issue.message;
  }
}
