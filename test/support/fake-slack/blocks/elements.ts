import { z } from "zod";
import { richText } from "./rich-text.ts";
import { confirm, id, plainText, shown, text, url } from "./text-objects.ts";

const label = shown(75);
const value = z.string().max(2_000);
const style = z.enum(["primary", "danger"]);

function element<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.strictObject({ type: z.literal(type), action_id: id.optional(), ...shape });
}

export const button = element("button", {
  text: plainText(75),
  value: value.optional(),
  url: url.optional(),
  style: style.optional(),
  confirm: confirm.optional(),
  accessibility_label: label.optional(),
});

const workflowButton = element("workflow_button", {
  text: plainText(75),
  workflow: z.record(z.string(), z.unknown()),
  style: style.optional(),
  accessibility_label: label.optional(),
});

const feedbackButton = z.strictObject({
  text: plainText(75),
  value,
  accessibility_label: label.optional(),
});

/** Elements of `context_actions`. */
export const feedbackElement = z.discriminatedUnion("type", [
  element("feedback_buttons", { positive_button: feedbackButton, negative_button: feedbackButton }),
  element("icon_button", {
    icon: z.string(),
    text: plainText(75),
    value: value.optional(),
    confirm: confirm.optional(),
    accessibility_label: label.optional(),
    visible_to_user_ids: z.array(z.string()).optional(),
  }),
]);

const option = z.strictObject({
  text: text(75),
  value: z.string().min(1).max(75),
  description: text(75).optional(),
  url: url.optional(),
});
const options = (max: number) => z.array(option).min(1).max(max);
const focus = { focus_on_load: z.boolean().optional() };
const placeholder = { placeholder: plainText(150).optional() };
const choice = { ...focus, confirm: confirm.optional() };
const many = { max_selected_items: z.number().int().min(1).optional() };
const optionSource = {
  options: options(100).optional(),
  option_groups: z
    .array(z.strictObject({ label: plainText(75), options: options(100) }))
    .max(100)
    .optional(),
};
const ofConversations = {
  default_to_current_conversation: z.boolean().optional(),
  response_url_enabled: z.boolean().optional(),
  filter: z.record(z.string(), z.unknown()).optional(),
};
const picked = z.string().optional();
const pickedMany = z.array(z.string()).optional();

const menus = [
  element("static_select", {
    ...choice,
    ...placeholder,
    ...optionSource,
    initial_option: option.optional(),
  }),
  element("multi_static_select", {
    ...choice,
    ...placeholder,
    ...optionSource,
    ...many,
    initial_options: options(100).optional(),
  }),
  element("users_select", { ...choice, ...placeholder, initial_user: picked }),
  element("multi_users_select", { ...choice, ...placeholder, ...many, initial_users: pickedMany }),
  element("conversations_select", {
    ...choice,
    ...placeholder,
    ...ofConversations,
    initial_conversation: picked,
  }),
  element("channels_select", {
    ...choice,
    ...placeholder,
    initial_channel: picked,
    response_url_enabled: z.boolean().optional(),
  }),
  element("checkboxes", {
    ...choice,
    options: options(10),
    initial_options: options(10).optional(),
  }),
  element("radio_buttons", { ...choice, options: options(10), initial_option: option.optional() }),
  element("datepicker", { ...choice, ...placeholder, initial_date: z.iso.date().optional() }),
  element("timepicker", {
    ...choice,
    ...placeholder,
    initial_time: picked,
    timezone: picked,
  }),
  element("datetimepicker", { ...choice, initial_date_time: z.number().int().optional() }),
] as const;

/** Elements of `actions` but for those that ask the app for their options; also beside the text of a `section`. */
export const actionElement = z.discriminatedUnion("type", [
  button,
  workflowButton,
  element("overflow", { options: options(5), confirm: confirm.optional() }),
  ...menus,
]);

const typed = {
  ...focus,
  ...placeholder,
  dispatch_action_config: z.record(z.string(), z.unknown()).optional(),
  initial_value: z.string().max(3_000).optional(),
};

/** Elements of `input`. */
export const inputElement = z.discriminatedUnion("type", [
  element("plain_text_input", {
    ...typed,
    multiline: z.boolean().optional(),
    min_length: z.number().int().min(0).max(3_000).optional(),
    max_length: z.number().int().min(1).max(3_000).optional(),
  }),
  element("number_input", {
    ...typed,
    is_decimal_allowed: z.boolean(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  element("email_text_input", typed),
  element("url_text_input", typed),
  element("rich_text_input", { ...typed, initial_value: richText.optional() }),
  ...menus,
]);
