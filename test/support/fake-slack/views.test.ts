import type { ModalView } from "@slack/types";
import { describe, expect, it } from "vitest";
import { errorOf, type StartedFakeSlack, startFakeSlack } from "./started.ts";

const modal = (title: string, more: Partial<ModalView> = {}): ModalView => ({
  type: "modal",
  title: { type: "plain_text", text: title },
  blocks: [],
  ...more,
});

async function startWithTriggers(options = {}) {
  const started = await startFakeSlack(options);
  const trigger = () => started.slack.context.views.issueTrigger("U0ALICE");
  const open = (view: ModalView, trigger_id = trigger()) =>
    started.web.views.open({ trigger_id, view });
  return { ...started, trigger, open };
}

const titleOf = ({ slack }: StartedFakeSlack) => slack.openView("U0ALICE")?.title;

describe("modals", () => {
  it("open for the person who clicked, once per trigger, within three seconds", async () => {
    let now = Date.now();
    const started = await startWithTriggers({ now: () => now });
    const { slack, open, trigger } = started;
    const used = trigger();
    const late = trigger();

    await open(modal("Delete", { private_metadata: "c1", callback_id: "typed" }), used);
    now += 3_001;

    expect(slack.openView("U0ALICE")).toMatchObject({
      title: "Delete",
      privateMetadata: "c1",
      callbackId: "typed",
    });
    expect(slack.openView("U0BOB")).toBeUndefined();
    expect(await errorOf(open(modal("x"), used))).toBe("exchanged_trigger_id");
    expect(await errorOf(open(modal("x"), late))).toBe("expired_trigger_id");
    expect(await errorOf(open(modal("x"), "123"))).toBe("invalid_trigger_id");
  });

  it("are refused when something is wrong with them", async () => {
    const { open } = await startWithTriggers();

    expect(await errorOf(open(modal("A title of 25 characters.")))).toBe("invalid_arguments");
  });

  it("are changed by id, but not over a newer state", async () => {
    const started = await startWithTriggers();
    const { web, open } = started;
    const { view } = await open(modal("One"));
    const view_id = view?.id ?? "";

    await web.views.update({ view_id, hash: view?.hash ?? "", view: modal("Two") });

    expect(titleOf(started)).toBe("Two");
    expect(
      await errorOf(web.views.update({ view_id, hash: view?.hash ?? "", view: modal("Three") })),
    ).toBe("hash_conflict");
    expect(await errorOf(web.views.update({ view_id: "V0NONE", view: modal("x") }))).toBe(
      "not_found",
    );
  });

  it("stack up to three", async () => {
    const started = await startWithTriggers();
    const { web, open, trigger } = started;
    const push = (title: string) => web.views.push({ trigger_id: trigger(), view: modal(title) });

    await open(modal("One"));
    await push("Two");
    const { view } = await push("Three");

    expect(view?.previous_view_id).toBeTruthy();
    expect(titleOf(started)).toBe("Three");
    expect(await errorOf(push("Four"))).toBe("push_limit_reached");
  });
});

describe("the home tab", () => {
  it("is one per person, whatever was published last", async () => {
    const { slack, web } = await startFakeSlack();
    const publish = (user_id: string, text: string, hash?: string) =>
      web.views.publish({
        user_id,
        view: { type: "home", blocks: [{ type: "section", text: { type: "mrkdwn", text } }] },
        ...(hash && { hash }),
      });

    const { view } = await publish("U0ALICE", "first");
    await publish("U0ALICE", "second");

    expect(slack.home("U0ALICE")).toMatchObject({ id: view?.id, blocks: [{ type: "section" }] });
    expect(JSON.stringify(slack.home("U0ALICE")?.blocks)).toContain("second");
    expect(slack.home("U0BOB")).toBeUndefined();
    expect(await errorOf(publish("U0ALICE", "third", view?.hash))).toBe("hash_conflict");
    expect(await errorOf(publish("U0NOBODY", "x"))).toBe("user_not_found");
  });
});
