import { once } from "node:events";
import type { KnownBlock } from "@slack/types";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import type { JsonObject } from "./slack-error.ts";
import { type StartedFakeSlack, startFakeSlack, webClient } from "./started.ts";

const channel = "C0PROXMOX";

const card: KnownBlock[] = [
  {
    type: "actions",
    block_id: "decide",
    elements: [
      {
        type: "button",
        action_id: "confirm",
        value: "c1",
        text: { type: "plain_text", text: "Confirm" },
        accessibility_label: "Stop web-01",
      },
      { type: "button", action_id: "cancel", text: { type: "plain_text", text: "Cancel" } },
    ],
  },
];

const form = {
  type: "modal" as const,
  title: { type: "plain_text" as const, text: "Delete" },
  submit: { type: "plain_text" as const, text: "Delete" },
  notify_on_close: true,
  blocks: [
    {
      type: "input" as const,
      block_id: "name",
      label: { type: "plain_text" as const, text: "Name" },
      element: { type: "plain_text_input" as const, action_id: "typed" },
    },
  ],
};

async function start(options = {}) {
  const started = await startFakeSlack(options);
  return { ...started, alice: started.slack.person("U0ALICE") };
}

/** Acks every interaction with what `answer` says. */
async function answering({ connection }: StartedFakeSlack, answer: () => JsonObject | undefined) {
  const { url = "" } = await webClient(connection, connection.appToken).apps.connections.open();
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  socket.on("message", (data) => {
    const { envelope_id } = z
      .object({ envelope_id: z.string().optional() })
      .parse(JSON.parse(String(data)));
    if (envelope_id) socket.send(JSON.stringify({ envelope_id, payload: answer() }));
  });
  await once(socket, "message");
}

async function postCard({ web, slack }: StartedFakeSlack, thread_ts?: string) {
  const place = thread_ts === undefined ? { channel } : { channel, thread_ts };
  await web.chat.postMessage({ ...place, text: "Stop web-01?", blocks: card });
  const message = slack.lastMessage();
  if (!message) throw new Error("There is no card.");
  return message;
}

describe("clicks", () => {
  it("carry the message, the button, a trigger and a response URL", async () => {
    const started = await start();
    const { slack, alice } = started;
    const root = alice.says(channel, "stop web-01");
    const message = await postCard(started, root.ts);

    const { kind, payload } = alice.clicks(message, { text: "Confirm" });

    expect(kind).toBe("interactive");
    expect(payload).toMatchObject({
      type: "block_actions",
      team: { id: slack.workspace.team.id },
      user: { id: alice.id, team_id: slack.workspace.team.id },
      container: {
        type: "message",
        message_ts: message.ts,
        channel_id: channel,
        thread_ts: root.ts,
        is_ephemeral: false,
      },
      channel: { id: channel, name: "proxmox" },
      message: { ts: message.ts, blocks: [{ block_id: "decide" }] },
      response_url: expect.stringContaining("/actions/"),
      actions: [{ type: "button", action_id: "confirm", block_id: "decide", value: "c1" }],
    });
    expect(payload.actions).not.toMatchObject([{ accessibility_label: expect.anything() }]);
  });

  it("need a button that is there, unless the person looks at an old message", async () => {
    const started = await start();
    const { web, slack, alice } = started;
    const before = await postCard(started);
    await web.chat.update({ channel, ts: before.ts, text: "Done." });
    const after = slack.lastMessage();
    if (!after) throw new Error("There is no card.");

    expect(() => alice.clicks(after, { actionId: "confirm" })).toThrow("Nothing to click");
    expect(alice.clicks(before, { actionId: "confirm", value: "forged" }).payload).toMatchObject({
      actions: [{ value: "forged" }],
    });
  });

  it("in an ephemeral message do not carry it", async () => {
    const { slack, web, alice } = await start();
    await web.chat.postEphemeral({ channel, user: alice.id, text: "x", blocks: card });
    const [message] = slack.ephemerals(alice.id);
    if (!message) throw new Error("There is no message.");

    const { payload } = alice.clicks(message, { actionId: "cancel" });

    expect(payload.actions).toMatchObject([{ action_id: "cancel" }]);
    expect(payload).not.toHaveProperty("message");
    expect(payload.container).toMatchObject({ is_ephemeral: true });
  });

  it("in the home tab carry the view and no channel", async () => {
    const { slack, web, alice } = await start();
    await web.views.publish({ user_id: alice.id, view: { type: "home", blocks: card } });

    const { payload } = alice.clicks(await slack.waitForHome(alice.id), { actionId: "cancel" });

    expect(payload.container).toMatchObject({ type: "view" });
    expect(payload.view).toMatchObject({ type: "home" });
    expect(payload).not.toHaveProperty("channel");
    expect(alice.opensHome()?.payload.event).toMatchObject({ tab: "home", view: { type: "home" } });
  });
});

describe("response URLs", () => {
  const answer = async (url: unknown, body: JsonObject) =>
    await fetch(String(url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  it("answer to the clicker alone, to all, or in place of the message", async () => {
    const started = await start();
    const { slack, alice } = started;
    const message = await postCard(started);
    const { response_url: url } = alice.clicks(message, { actionId: "cancel" }).payload;

    await answer(url, { text: "only you" });
    await answer(url, { text: "everybody", response_type: "in_channel" });
    await answer(url, { text: "cancelled", replace_original: true });

    expect(slack.ephemerals(alice.id)).toMatchObject([{ text: "only you" }]);
    expect(slack.messages().map(({ text }) => text)).toEqual(["cancelled", "everybody"]);
  });

  it("take five answers, within half an hour", async () => {
    let now = Date.now();
    const { alice } = await start({ now: () => now });
    const { response_url: first } = alice.runs("/pve status").payload;
    const { response_url: second } = alice.runs("/pve status").payload;

    for (let use = 0; use < 5; use++) await answer(first, { text: "x" });
    expect((await answer(first, { text: "x" })).status).toBe(404);

    now += 1_800_001;
    expect(await (await answer(second, { text: "x" })).json()).toMatchObject({
      error: "expired_url",
    });
  });
});

describe("submissions", () => {
  async function openForm(answer: () => JsonObject | undefined) {
    const started = await start();
    await answering(started, answer);
    const trigger_id = started.slack.context.views.issueTrigger("U0ALICE");
    await started.web.views.open({ trigger_id, view: form });
    return { ...started, view: await started.slack.waitForView("U0ALICE") };
  }

  it("carry what was typed, and close the modal", async () => {
    const { slack, alice, view } = await openForm(() => undefined);

    const { delivery, errors } = await alice.submits(view, { typed: "web-01" });

    expect(delivery.payload).toMatchObject({
      type: "view_submission",
      view: {
        id: view.id,
        state: { values: { name: { typed: { type: "plain_text_input", value: "web-01" } } } },
      },
    });
    expect(delivery.payload).not.toHaveProperty("channel");
    expect(errors).toEqual({});
    expect(slack.openView(alice.id)).toBeUndefined();
  });

  it("show the errors of the app, at inputs that exist", async () => {
    let errors: JsonObject = { name: "Type web-01 exactly" };
    const { slack, alice, view } = await openForm(() => ({ response_action: "errors", errors }));

    expect(await alice.submits(view, { typed: "x" })).toMatchObject({ errors });
    expect(slack.openView(alice.id)).toBeDefined();

    errors = { elsewhere: "x" };
    await expect(alice.submits(view, { typed: "x" })).rejects.toThrow("elsewhere");
    await expect(alice.submits(view, { nothing: "x" })).rejects.toThrow("No input nothing");
  });

  it("may be answered with another view", async () => {
    const view = { ...form, title: { type: "plain_text", text: "Sure?" } };
    const opened = await openForm(() => ({ response_action: "update", view }));

    await opened.alice.submits(opened.view, { typed: "x" });

    expect(opened.slack.openView("U0ALICE")?.title).toBe("Sure?");
  });

  it("are not made by whoever closes the modal", async () => {
    const { slack, alice, view } = await openForm(() => undefined);

    expect(alice.closes(view)?.payload).toMatchObject({ type: "view_closed" });
    expect(slack.openView(alice.id)).toBeUndefined();
  });
});

describe("commands", () => {
  it("carry the words, and show the text of the answer", async () => {
    const started = await start();
    await answering(started, () => ({ text: "All is well." }));
    const { slack, alice } = started;

    const { payload, outcome } = alice.runs("/pve cancel 101", channel);
    await outcome;

    expect(payload).toMatchObject({
      command: "/pve",
      text: "cancel 101",
      channel_id: channel,
      user_id: alice.id,
    });
    expect(payload).not.toHaveProperty("thread_ts");
    expect((await slack.waitForEphemeral(alice.id)).text).toBe("All is well.");
  });
});
