import { describe, expect, it } from "vitest";
import { approveAction, declineAction } from "#src/slack/cards/confirmation-card.ts";
import { approveAllAction, declineAllAction } from "#src/slack/cards/questions-card.ts";
import { actionOf } from "#src/slack/deletions/deletion-card.ts";
import { atOnce, isFromOutside, judge } from "#src/slack/transport/payload.ts";

const identity = { teamId: "T1", enterpriseId: "E1", botUserId: "UBOT", botId: "BBOT" };
const refuse = { identity, externals: "refuse" } as const;
const message = { type: "message", channel: "C1", user: "U1", ts: "1.1", text: "hi", team: "T1" };
const body = (event: object, rest: object = {}) => ({
  type: "event_callback",
  team_id: "T1",
  event_id: "Ev1",
  event,
  ...rest,
});
const judgeEvent = (event: object, rest?: object) => judge(body(event, rest), refuse);

describe("a message", () => {
  it("is the same one as its mention, and waits behind its thread", () => {
    const taken = { kind: "taken", key: "msg:T1:C1:1.1", lane: "T1/C1/1.1", answersInAck: false };

    expect(judgeEvent(message)).toEqual(taken);
    expect(judgeEvent({ ...message, type: "app_mention" }, { event_id: "Ev2" })).toEqual(taken);
    expect(judgeEvent({ ...message, ts: "2.2", thread_ts: "1.1" })).toMatchObject({
      key: "msg:T1:C1:2.2",
      lane: "T1/C1/1.1",
    });
  });

  it.each(["file_share", "thread_broadcast"])("is taken as %s", (subtype) => {
    expect(judgeEvent({ ...message, subtype }).kind).toBe("taken");
  });

  it.each([
    ["of a bot", { bot_id: "B2" }],
    ["of ours", { user: "UBOT" }],
    ["of Slack", { user: "USLACK" }],
    ["of Slackbot", { user: "USLACKBOT" }],
    ["of nobody", { user: undefined }],
    ["that tells of a member", { subtype: "channel_join" }],
    ["of a bot of old", { subtype: "bot_message" }],
    ["of another organization", { user_team: "T2" }],
    ["from another organization", { source_team: "T2", team: "T2" }],
  ])("is ignored: one %s", (_, change) => {
    expect(judgeEvent({ ...message, ...change }).kind).toBe("ignored");
  });

  it("is ours by the workspace, or by whom Slack authorized", () => {
    expect(judgeEvent(message, { team_id: "T2" }).kind).toBe("ignored");
    expect(judgeEvent(message, { team_id: "T2", authorizations: [{ team_id: "T1" }] }).kind).toBe(
      "taken",
    );
  });

  it("of another organization is taken where strangers may read", () => {
    const outside = body({ ...message, user_team: "T2" });

    expect(judge(outside, { identity, externals: "viewer" }).kind).toBe("taken");
    expect(isFromOutside(outside, identity)).toBe(true);
    expect(isFromOutside(body({ ...message, user_team: "E1" }), identity)).toBe(false);
    expect(isFromOutside(body(message), identity)).toBe(false);
  });

  it("with fields of the wrong kind is still a message", () => {
    expect(judgeEvent({ ...message, thread_ts: null, subtype: 7, team: {} }).kind).toBe("taken");
  });
});

describe("a message that was changed or deleted", () => {
  const changed = { type: "message", subtype: "message_changed", channel: "C1", ts: "3.3" };

  it("is another thing than the message, and waits for nothing", () => {
    const event = { ...changed, message, previous_message: message };

    expect(judgeEvent(event)).toMatchObject({ key: "ev:Ev1", lane: atOnce });
    expect(
      judgeEvent({ ...changed, subtype: "message_deleted", previous_message: message }),
    ).toMatchObject({ key: "ev:Ev1", lane: atOnce });
  });

  it("is judged by who wrote it", () => {
    const ours = { ...message, user: "UBOT", bot_id: "BBOT" };
    const tombstone = { ...message, user: "USLACKBOT", subtype: "tombstone" };

    expect(judgeEvent({ ...changed, message: ours, previous_message: ours }).kind).toBe("ignored");
    expect(judgeEvent({ ...changed, message: ours }).kind).toBe("ignored");
    expect(judgeEvent({ ...changed, message: tombstone, previous_message: message }).kind).toBe(
      "taken",
    );
  });
});

describe("what is no message", () => {
  it("is told apart by its event, and waits for nothing", () => {
    const stop = { type: "agent_session_stopped", channel: "C1", user: "U1", thread_ts: "1.1" };

    expect(judgeEvent({ ...stop, type: "app_home_opened" })).toMatchObject({ key: "ev:Ev1" });
    expect(judgeEvent(stop)).toMatchObject({ key: "stop:Ev1", lane: atOnce, answersInAck: false });
  });

  it.each([
    ["stop", "/pve", "freeze the rack smokes"],
    ["stop", "/pve", " Freeze"],
    ["stop", "/pve", "unfreeze"],
    ["stop", "/pve", "cancel 103"],
    ["act", "/pve", "status"],
    ["act", "/pve", "cancel everything"],
    ["act", "/pve", undefined],
  ])("is of the kind %s as the command %s %s", (kind, command, text) => {
    const body = { command, text, user_id: "U1", team_id: "T1", trigger_id: "1" };

    expect(judge(body, refuse)).toMatchObject({ key: `${kind}:1`, lane: atOnce });
  });

  it.each([
    ["stop", declineAction],
    ["stop", declineAllAction],
    ["stop", actionOf("keep")],
    ["act", approveAction],
    ["act", approveAllAction],
    ["act", actionOf("now")],
    ["act", actionOf("postpone-day")],
  ])("is of the kind %s as a click on %s", (kind, action_id) => {
    const user = { id: "U1", team_id: "T1" };
    const body = { type: "block_actions", user, trigger_id: "1", actions: [{ action_id }] };

    expect(judge(body, refuse)).toMatchObject({ key: `${kind}:1`, lane: atOnce });
  });

  it("is told apart by its trigger when a person clicked, ran or submitted something", () => {
    const click = { type: "block_actions", user: { id: "U1", team_id: "T1" }, trigger_id: "1" };
    const command = { command: "/pve", user_id: "U1", team_id: "T1", trigger_id: "1" };
    const taken = { kind: "taken", key: "act:1", lane: atOnce };

    expect(judge(click, refuse)).toEqual({ ...taken, answersInAck: false });
    expect(judge(command, refuse)).toEqual({ ...taken, answersInAck: false });
    expect(judge({ ...click, type: "view_submission" }, refuse)).toEqual({
      ...taken,
      answersInAck: true,
    });
  });

  it("is told apart by all it holds when it has no id", () => {
    const closed = (id: string) => ({ type: "view_closed", user: { id: "U1" }, view: { id } });
    const keyOf = (payload: object) => {
      const judged = judge(payload, refuse);
      return judged.kind === "taken" ? judged.key : "";
    };

    expect(keyOf(closed("V1"))).toBe(keyOf(closed("V1")));
    expect(keyOf(closed("V1"))).not.toBe(keyOf(closed("V2")));
    expect(keyOf(closed("V1"))).toMatch(/^act:/);
  });

  it("is let through from another organization when somebody clicked, who is told why not", () => {
    const click = { type: "block_actions", user: { id: "U2", team_id: "T2" }, trigger_id: "1" };

    expect(judge(click, refuse).kind).toBe("taken");
    expect(isFromOutside(click, identity)).toBe(true);
  });

  it.each([[{}], [null], ["text"], [{ type: "block_suggestion" }], [{ event: {} }]])(
    "is ignored when it is not known: %j",
    (payload) => {
      expect(judge(payload, refuse)).toEqual({ kind: "ignored", reason: "unknown payload" });
    },
  );
});
