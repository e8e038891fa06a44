import { z } from "zod";
import { actionElement, button, feedbackElement, inputElement } from "./elements.ts";
import { richText } from "./rich-text.ts";
import {
  hasOnePicture,
  id,
  imageElement,
  mrkdwn,
  pictureSource,
  plainText,
  rawNumber,
  rawText,
  shown,
  text,
  url,
} from "./text-objects.ts";

function block<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.strictObject({ type: z.literal(type), block_id: id.optional(), ...shape });
}

const actions = block("actions", { elements: z.array(actionElement).min(1).max(25) });
const context = block("context", {
  elements: z
    .array(z.discriminatedUnion("type", [imageElement, plainText(), mrkdwn()]))
    .min(1)
    .max(10),
});
const divider = block("divider", {});
const header = block("header", { text: plainText(150) });
const image = block("image", {
  alt_text: shown(2_000),
  title: plainText(2_000).optional(),
  ...pictureSource,
}).refine(hasOnePicture, "missing required field: image_url");
const input = block("input", {
  label: plainText(2_000),
  element: inputElement,
  hint: plainText(2_000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
});
const section = block("section", {
  text: text(3_000).optional(),
  fields: z.array(text(2_000)).min(1).max(10).optional(),
  accessory: z.discriminatedUnion("type", [...actionElement.options, imageElement]).optional(),
  expand: z.boolean().optional(),
}).refine((each) => each.text ?? each.fields, "missing required field: text");

const cell = z.discriminatedUnion("type", [rawText, rawNumber, richText]);
const table = block("table", {
  rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
  column_settings: z
    .array(
      z
        .strictObject({
          align: z.enum(["left", "center", "right"]).optional(),
          is_wrapped: z.boolean().optional(),
        })
        .nullable(),
    )
    .max(20)
    .optional(),
});
const dataTable = block("data_table", {
  caption: shown(3_000),
  rows: z.array(z.array(cell).min(1).max(20)).min(2).max(101),
  page_size: z.number().int().min(1).max(100).optional(),
  row_header_column_index: z.number().int().min(0).max(19).optional(),
})
  .refine(isRectangular, "rows must all have as many cells")
  .refine(hasPlainHeader, "rich_text is not allowed in the first row");

const card = block("card", {
  hero_image: imageElement.optional(),
  icon: imageElement.optional(),
  title: mrkdwn(150).optional(),
  subtitle: mrkdwn(150).optional(),
  body: mrkdwn(200).optional(),
  actions: z.array(button).optional(),
}).refine(
  (each) => each.hero_image ?? each.title ?? each.actions ?? each.body,
  "missing required field: title",
);
const taskCard = block("task_card", {
  task_id: z.string(),
  title: shown(3_000),
  status: z.enum(["pending", "in_progress", "complete", "error"]),
  details: richText.optional(),
  output: richText.optional(),
  sources: z.array(z.strictObject({ type: z.literal("url"), url, text: z.string() })).optional(),
});
const video = block("video", {
  video_url: url,
  thumbnail_url: url,
  alt_text: shown(2_000),
  title: plainText(199),
  title_url: url.optional(),
  author_name: z.string().max(49).optional(),
  provider_name: z.string().optional(),
  provider_icon_url: url.optional(),
  description: plainText(200).optional(),
});
const container = block("container", {
  title: plainText(150).optional(),
  rich_text_title: richText.optional(),
  subtitle: text(150).optional(),
  child_blocks: z
    .array(
      z.discriminatedUnion("type", [
        actions,
        context,
        divider,
        header,
        image,
        input,
        richText,
        section,
        table,
        video,
      ]),
    )
    .max(10),
  width: z.enum(["narrow", "standard", "wide", "full"]).optional(),
  icon: imageElement.optional(),
  is_collapsible: z.boolean().optional(),
  default_collapsed: z.boolean().optional(),
  has_header_divider: z.boolean().optional(),
}).refine((each) => each.title ?? each.rich_text_title, "missing required field: title");

/** Every block that an app may send, with the limits of each. */
export const anyBlock = z.discriminatedUnion("type", [
  actions,
  block("alert", {
    text: text(),
    level: z.enum(["default", "info", "warning", "error", "success"]).optional(),
  }),
  card,
  block("carousel", { elements: z.array(card).min(1).max(10) }),
  container,
  context,
  block("context_actions", { elements: z.array(feedbackElement).min(1).max(5) }),
  dataTable,
  divider,
  header,
  image,
  input,
  block("markdown", { text: shown(12_000) }),
  block("plan", { title: shown(3_000), tasks: z.array(taskCard).optional() }),
  richText,
  section,
  table,
  taskCard,
  video,
]);

function isRectangular({ rows }: { rows: readonly (readonly unknown[])[] }): boolean {
  return rows.every((row) => row.length === rows[0]?.length);
}

function hasPlainHeader({ rows }: { rows: readonly (readonly { type: string }[])[] }): boolean {
  return (rows[0] ?? []).every(({ type }) => type !== "rich_text");
}
