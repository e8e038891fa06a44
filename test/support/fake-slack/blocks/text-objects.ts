import { z } from "zod";

/** Longest text of a text object that has no limit of its own. */
const TEXT_LIMIT = 3_000;

/** A string that Slack shows: never empty. */
export const shown = (max: number) => z.string().min(1).max(max);

export const id = z.string().min(1).max(255);
export const url = z.url().max(3_000);

export const plainText = (max = TEXT_LIMIT) =>
  z.strictObject({
    type: z.literal("plain_text"),
    text: shown(max),
    emoji: z.boolean().optional(),
  });

export const mrkdwn = (max = TEXT_LIMIT) =>
  z.strictObject({ type: z.literal("mrkdwn"), text: shown(max), verbatim: z.boolean().optional() });

export const text = (max = TEXT_LIMIT) =>
  z.discriminatedUnion("type", [plainText(max), mrkdwn(max)]);

/** A cell of a table that is not rich text. */
export const rawText = z.strictObject({ type: z.literal("raw_text"), text: shown(TEXT_LIMIT) });
export const rawNumber = z.strictObject({
  type: z.literal("raw_number"),
  value: z.number(),
  text: shown(TEXT_LIMIT),
});

/** The dialog between a click and its effect. */
export const confirm = z.strictObject({
  title: plainText(100).optional(),
  text: text(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: z.enum(["primary", "danger"]).optional(),
});

/** Where a picture comes from: exactly one of the two. */
export const pictureSource = {
  image_url: url.optional(),
  slack_file: z
    .union([z.strictObject({ id: z.string() }), z.strictObject({ url: z.string() })])
    .optional(),
};

export const hasOnePicture = (image: { image_url?: unknown; slack_file?: unknown }) =>
  (image.image_url === undefined) !== (image.slack_file === undefined);

export const imageElement = z
  .strictObject({ type: z.literal("image"), alt_text: shown(2_000), ...pictureSource })
  .refine(hasOnePicture, "missing required field: image_url");
