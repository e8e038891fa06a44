import type { KnownBlock } from "@slack/types";
import { withIds } from "./content.ts";
import { type JsonObject, SlackError } from "./slack-error.ts";
import { secretId, type Workspace } from "./workspace.ts";

/** A modal or a home tab, as it stands. */
export interface FakeView {
  readonly id: string;
  readonly hash: string;
  readonly userId: string;
  readonly type: "modal" | "home";
  readonly title: string;
  readonly blocks: readonly KnownBlock[];
  readonly callbackId: string;
  readonly privateMetadata: string;
  /** The view as the app sent it. */
  readonly sent: JsonObject;
  /** The first of its stack. */
  readonly rootId: string;
  readonly previousId?: string;
}

/** Modals on top of each other, at most. */
const STACK_LIMIT = 3;

/** What people have open, and the triggers that let the app open more. */
export interface Views {
  /** The modal that the user sees; undefined when none is open. */
  open(userId: string): FakeView | undefined;
  home(userId: string): FakeView | undefined;
  find(viewId: string): FakeView | undefined;
  findExternal(externalId: string): FakeView | undefined;
  /** A trigger for one modal, as every interaction carries one. */
  issueTrigger(userId: string): string;
  /** Opens a modal, alone or on top of the one from which the trigger came. */
  show(triggerId: string, sent: JsonObject, where: "alone" | "on top"): FakeView;
  publish(userId: string, sent: JsonObject): FakeView;
  replace(view: FakeView, sent: JsonObject): FakeView;
  close(view: FakeView, all?: boolean): void;
}

export function createViews(workspace: Workspace, triggerMs: number): Views {
  const triggers = new Map<string, { userId: string; at: number; used: boolean }>();
  let modals: FakeView[] = [];
  const homes = new Map<string, FakeView>();

  function useTrigger(triggerId: string): string {
    const trigger = triggers.get(triggerId);
    if (!trigger) throw new SlackError("invalid_trigger_id");
    if (trigger.used) throw new SlackError("exchanged_trigger_id");
    if (workspace.now() - trigger.at > triggerMs) throw new SlackError("expired_trigger_id");
    trigger.used = true;
    return trigger.userId;
  }

  function create(userId: string, sent: JsonObject, place: Partial<FakeView> = {}): FakeView {
    const id = workspace.nextId("V0");
    return { id, rootId: id, userId, ...readView(workspace, sent), ...place };
  }

  const self: Views = {
    open: (userId) => modals.findLast((view) => view.userId === userId),
    home: (userId) => homes.get(userId),
    find: (viewId) => [...modals, ...homes.values()].find(({ id }) => id === viewId),
    findExternal: (externalId) => modals.find(({ sent }) => sent.external_id === externalId),
    issueTrigger(userId) {
      const id = `${workspace.nextId("13")}.${workspace.team.id}.${secretId().replaceAll("-", "")}`;
      triggers.set(id, { userId, at: workspace.now(), used: false });
      return id;
    },
    show(triggerId, sent, where) {
      const userId = useTrigger(triggerId);
      const below = self.open(userId);
      const stack = modals.filter((view) => below && view.rootId === below.rootId);
      if (where === "on top" && !below) throw new SlackError("not_found");
      if (where === "on top" && stack.length >= STACK_LIMIT) {
        throw new SlackError("push_limit_reached");
      }
      const place =
        where === "on top" && below ? { rootId: below.rootId, previousId: below.id } : {};
      const view = create(userId, sent, place);
      modals.push(view);
      return view;
    },
    publish(userId, sent) {
      const before = homes.get(userId);
      const view = create(userId, sent, before ? { id: before.id, rootId: before.id } : {});
      homes.set(userId, view);
      return view;
    },
    replace(view, sent) {
      const changed = { ...view, ...readView(workspace, sent) };
      modals = modals.map((each) => (each.id === view.id ? changed : each));
      return changed;
    },
    close(view, all = false) {
      modals = modals.filter((each) => (all ? each.rootId !== view.rootId : each.id !== view.id));
    },
  };
  return self;
}

function readView(workspace: Workspace, sent: JsonObject) {
  const blocks = withIds((sent.blocks ?? []) as readonly KnownBlock[]);
  const title = sent.title as { text: string } | undefined;
  return {
    hash: `${workspace.nextTs()}.${secretId().slice(0, 8)}`,
    type: sent.type as "modal" | "home",
    title: title?.text ?? "",
    blocks,
    callbackId: String(sent.callback_id ?? ""),
    privateMetadata: String(sent.private_metadata ?? ""),
    sent: { ...sent, blocks },
  };
}

/** The view as Slack sends it; `values` is what the user filled in. */
export function wireView(workspace: Workspace, view: FakeView, values: JsonObject = {}) {
  return {
    private_metadata: "",
    callback_id: "",
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    external_id: "",
    ...view.sent,
    id: view.id,
    team_id: workspace.team.id,
    app_id: workspace.bot.appId,
    bot_id: workspace.bot.botId,
    app_installed_team_id: workspace.team.id,
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId ?? null,
    state: { values },
  };
}
