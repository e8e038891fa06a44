import { z } from "zod";

const platformError = z.object({ data: z.object({ error: z.string() }) });

/** Slack's own word for what went wrong, such as `channel_not_found`; undefined for other errors. */
export function slackErrorOf(error: unknown): string | undefined {
  return platformError.safeParse(error).data?.data.error;
}
