import { z } from "zod";

/** Where Slack may say something: what is missing, null, empty or no text at all is undefined. */
export const maybeText = z.string().min(1).optional().catch(undefined);
