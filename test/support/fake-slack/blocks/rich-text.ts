import { z } from "zod";

const flags = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  strike: z.boolean().optional(),
  code: z.boolean().optional(),
  underline: z.boolean().optional(),
  highlight: z.boolean().optional(),
  client_highlight: z.boolean().optional(),
  unlink: z.boolean().optional(),
});

function part<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.strictObject({ type: z.literal(type), ...shape, style: flags.optional() });
}

const plain = part("text", { text: z.string().min(1) });
const link = part("link", {
  url: z.string().min(1),
  text: z.string().optional(),
  unsafe: z.boolean().optional(),
});

const inline = z.discriminatedUnion("type", [
  plain,
  link,
  part("broadcast", { range: z.enum(["here", "channel", "everyone"]) }),
  part("channel", { channel_id: z.string() }),
  part("color", { value: z.string() }),
  part("date", {
    timestamp: z.number(),
    format: z.string(),
    url: z.string().optional(),
    fallback: z.string().optional(),
  }),
  part("emoji", {
    name: z.string(),
    unicode: z.string().optional(),
    url: z.string().optional(),
  }),
  part("team", { team_id: z.string() }),
  part("user", { user_id: z.string() }),
  part("usergroup", { usergroup_id: z.string() }),
]);

const border = z.union([z.literal(0), z.literal(1)]).optional();

const section = z.strictObject({
  type: z.literal("rich_text_section"),
  elements: z.array(inline),
});

/** A `rich_text` block, also a cell of tables and the detail of tasks. */
export const richText = z.strictObject({
  type: z.literal("rich_text"),
  block_id: z.string().max(255).optional(),
  elements: z.array(
    z.discriminatedUnion("type", [
      section,
      z.strictObject({
        type: z.literal("rich_text_list"),
        elements: z.array(section),
        style: z.enum(["bullet", "ordered"]),
        indent: z.number().optional(),
        offset: z.number().optional(),
        border,
      }),
      z.strictObject({
        type: z.literal("rich_text_quote"),
        elements: z.array(inline),
        border,
      }),
      z.strictObject({
        type: z.literal("rich_text_preformatted"),
        elements: z.array(z.discriminatedUnion("type", [plain, link])),
        border,
      }),
    ]),
  ),
});
