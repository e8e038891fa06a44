import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GuestLine, Item, ModelRequest } from "#src/agent/model.ts";
import { createOfflinePlanner } from "#src/agent/models/offline-planner.ts";
import { demoContext, demoGuests } from "#test/agent/golden/demo-cluster.ts";

const planner = createOfflinePlanner();

function requestFor(items: readonly Item[], guests: readonly GuestLine[] | undefined = demoGuests) {
  const request: ModelRequest = {
    instructions: "",
    items,
    context: { ...demoContext(), guests },
    tools: [],
    toolChoice: "auto",
    signal: new AbortController().signal,
  };
  return request;
}

const user = (text: string): Item => ({ type: "user", text });
const toolCall = (name: string, args: object): Item => ({
  type: "tool-call",
  callId: "call-1",
  name,
  argumentsJson: JSON.stringify(args),
});
const event = (text: string): Item => ({ type: "event", text });
const toolResult = (output: string): Item => ({ type: "tool-result", callId: "call-1", output });

async function answer(items: readonly Item[], guests?: readonly GuestLine[]) {
  const { items: answered } = await planner.respond(requestFor(items, guests));
  return answered.map((item) => {
    if (item.type === "tool-call") return `${item.name} ${item.argumentsJson}`;
    return item.type === "assistant" ? item.text : item.type;
  });
}

/** For an inventory that is too large to come along. */
async function answerUnlisted(items: readonly Item[]) {
  const request = requestFor(items);
  const { items: answered } = await planner.respond({
    ...request,
    context: { ...demoContext(), guests: undefined },
  });
  return answered.map((item) => {
    if (item.type === "tool-call") return `${item.name} ${item.argumentsJson}`;
    return item.type === "assistant" ? item.text : item.type;
  });
}

function guest(vmid: number, name: string): GuestLine {
  return { vmid, kind: "ct", name, node: "pve1", status: "running", tags: [] };
}

describe("the offline planner", () => {
  it("names the guest as the person did, and by VMID where a name would not do", async () => {
    expect(await answer([user("stop Web-02")])).toEqual(['shutdown_guest {"guest":"web-02"}']);
    expect(await answer([user("stop 102")])).toEqual(['shutdown_guest {"guest":"102"}']);
    expect(await answer([user("stop staging on pve3")])).toEqual([
      'shutdown_guest {"guest":"110"}',
    ]);
  });

  it("hands the person's own words about time on", async () => {
    expect(await answer([user("delete test-runner on Friday at 18:00")])).toEqual([
      'schedule_deletion {"guest":"test-runner","when":"Friday at 18:00"}',
    ]);
  });

  it("offers both guests of one name", async () => {
    const [text] = await answer([user("delete staging")]);

    expect(text).toContain("VMID 110, container on pve3");
    expect(text).toContain("VMID 210, VM on pve1");
  });

  it("suggests a guest for a name that is nearly right, and does not act on it", async () => {
    expect(await answer([user("stop webb-02")])).toEqual([
      'There is no guest called "webb-02". Did you mean web-02 (VMID 102, container on pve1)?',
    ]);
  });

  it("shuts nothing down when it is asked to do so later", async () => {
    expect(await answer([user("shut down web-02 tomorrow at 9")])).toEqual([
      expect.stringContaining("Only deletions can be scheduled"),
    ]);
  });

  it("does nothing at all when one part of a message is unclear", async () => {
    expect(await answer([user("stop web-01 and delete staging")])).toEqual([
      expect.stringContaining("Which one do you mean?"),
    ]);
  });

  it("treats a yes as content", async () => {
    const items = [
      user("delete test-runner"),
      toolCall("schedule_deletion", { guest: "test-runner" }),
      toolResult('{"result":"awaiting-confirmation"}'),
      { type: "assistant", text: "Nothing was deleted yet." } as const,
      user("yes, confirm"),
    ];

    expect(await answer(items)).toEqual([expect.stringContaining("A message approves nothing")]);
  });

  describe("after a deletion was asked for", () => {
    const asked = [
      user("delete test-runner on friday"),
      toolCall("schedule_deletion", { guest: "test-runner", when: "friday" }),
      toolResult('{"result":"awaiting-confirmation"}'),
      { type: "assistant", text: "Nothing was deleted yet." } as const,
    ];
    const confirmed = [
      ...asked,
      event("Confirmed and scheduled: Delete test-runner (CT 103 on pve1) for good on Fri."),
    ];
    const looked = [
      user("list the vms"),
      toolCall("list_guests", { kind: "vm" }),
      toolResult("None."),
      { type: "assistant", text: "None." } as const,
    ];

    it.each([
      ["delete it on thursday instead", "test-runner", "thursday"],
      ["delete test-runner on thursday", "test-runner", "thursday"],
      ["delete 103 tomorrow instead", "103", "tomorrow"],
      ["make it saturday instead", "test-runner", "saturday"],
      ["delete it now", "test-runner", "now"],
    ])("moves it when it was confirmed: %s", async (text, which, when) => {
      const args = JSON.stringify({ guest: which, when });

      expect(await answer([...confirmed, user(text)])).toEqual([`reschedule_deletion ${args}`]);
    });

    it.each<[string, readonly Item[], string]>([
      ["nobody has confirmed it", asked, "delete it on thursday instead"],
      ["no other time is said", confirmed, "delete test-runner"],
      [
        "another one was confirmed",
        [...asked, event("Confirmed and scheduled: Delete web-01 (CT 101 on pve1) for good.")],
        "delete it on thursday instead",
      ],
      [
        "it was cancelled since",
        [
          ...confirmed,
          user("keep it"),
          toolCall("cancel_deletion", { guest: "103" }),
          toolResult('{"result":"done"}'),
        ],
        "delete test-runner on thursday",
      ],
    ])("asks for it again when %s", async (_, items, text) => {
      const [call] = await answer([...items, user(text)]);

      expect(call).toMatch(/^schedule_deletion /);
    });

    it("moves it also when something else was spoken of since", async () => {
      const items = [...confirmed, ...looked, user("delete test-runner on thursday instead")];

      expect((await answer(items))[0]).toMatch(/^reschedule_deletion /);
    });

    it("undoes it: cancels while the guest is there, restores it afterwards", async () => {
      const items = [...confirmed, user("undo that")];
      const guestsLeft = demoGuests.filter(({ vmid }) => vmid !== 103);

      expect(await answer(items)).toEqual(['cancel_deletion {"guest":"test-runner"}']);
      expect(await answer(items, guestsLeft)).toEqual(['restore_guest {"guest":"test-runner"}']);
    });
  });

  it("says what a restore lacks", async () => {
    const saying = async (text: string) => String((await answer([user(text)]))[0]);

    expect(await saying("restore dev-bob")).toContain("(VMID 106, container on pve2) is there");
    expect(await saying("restore it")).toContain("Which deleted guest should I restore?");
    expect(await saying("restore ci-runner tomorrow")).toContain(
      'so "tomorrow" would have to be the day it was deleted',
    );
  });

  it("restores by name also when no inventory came along", async () => {
    expect(await answerUnlisted([user("restore ci-runner")])).toEqual([
      'restore_guest {"guest":"ci-runner"}',
    ]);
    expect(await answerUnlisted([user("undo the deletion of ci-runner")])).toEqual([
      'cancel_deletion {"guest":"ci-runner"}',
    ]);
  });

  it("takes no word for a kind because every object has it", async () => {
    const answers = await answer([user("stop constructor")]);

    expect(answers).toEqual([expect.stringContaining('no guest called "constructor"')]);
  });

  it("never takes a guest's name for a command", async () => {
    const guests = [
      ...demoGuests,
      guest(301, "all"),
      guest(302, "stop"),
      guest(303, "delete web-02"),
      guest(304, "it"),
      guest(305, "running"),
      guest(306, "102"),
    ];

    expect(await answer([user("stop all")], guests)).toEqual([
      expect.stringContaining("every guest"),
    ]);
    expect(await answer([user('restart "delete web-02"')], guests)).toEqual([
      'reboot_guest {"guest":"303"}',
    ]);
    expect(await answer([user("restart the guest called all")], guests)).toEqual([
      'reboot_guest {"guest":"301"}',
    ]);
    expect(await answer([user("restart it")], guests)).toEqual(["Which guest do you mean?"]);
    expect(await answer([user("stop 102")], guests)).toEqual([
      expect.stringContaining("Which one do you mean?"),
    ]);
  });

  it("takes a year for a year, also where a guest has that VMID", async () => {
    const guests = [...demoGuests, guest(2026, "vintage")];

    expect(await answer([user("delete 103 on dec 24 2026")], guests)).toEqual([
      'schedule_deletion {"guest":"103","when":"dec 24 2026"}',
    ]);
    expect(await answer([user("stop 2026")], guests)).toEqual(['shutdown_guest {"guest":"2026"}']);
  });

  it("does not leave out a guest that stands in a sentence of its own", async () => {
    expect(await answer([user("stop web-01. web-02.")])).toEqual([
      expect.stringContaining("I did nothing"),
    ]);
  });

  it("reads a VMID as a whole number only", async () => {
    const only1010 = demoGuests.filter(({ vmid }) => vmid !== 101);

    expect(await answer([user("stop 101")], only1010)).toEqual([
      expect.stringContaining('There is no guest called "101"'),
    ]);
  });

  it("passes exact names on when no inventory came along", async () => {
    expect(await answerUnlisted([user("restart app-17 please")])).toEqual([
      'reboot_guest {"guest":"app-17"}',
    ]);
    expect(await answerUnlisted([user("is 4711 up?")])).toEqual(['get_guest {"guest":"4711"}']);
  });

  it("lists first and acts on the list when a filter meets no inventory", async () => {
    const asked = user("stop all ci containers on pve3");
    expect(await answerUnlisted([asked])).toEqual([
      'list_guests {"node":"pve3","kind":"ct","tag":"ci"}',
    ]);

    const listed = toolResult(
      "1 of 5000 guests: vmid kind name node status tags owner\n1010 ct build-cache pve3 running ci bob",
    );
    expect(
      await answerUnlisted([asked, toolCall("list_guests", { node: "pve3" }), listed]),
    ).toEqual(['shutdown_guest {"guest":"build-cache"}']);
  });

  it("asks which of them when more are meant than one step of a run carries out", async () => {
    const many = Array.from({ length: 17 }, (_, index) => guest(300 + index, `ci-${index}`));

    expect(await answer([user("stop all containers on pve1")], many.slice(1))).toHaveLength(16);
    expect(await answer([user("stop all containers on pve1")], many)).toEqual([
      expect.stringContaining("That means 17 guests"),
    ]);
  });

  it("tells what a list, a guest and the cluster came to", async () => {
    const lines =
      "1 of 19 guests: vmid kind name node status tags owner\n104 ct pihole pve1 running infra alice";
    const list = [
      user("list containers"),
      toolCall("list_guests", { kind: "ct" }),
      toolResult(lines),
    ];
    expect((await answer(list))[0]).toContain("1 of 19 guests:\nvmid  kind  name    node  status");

    const detail =
      '{"vmid":104,"kind":"ct","name":"pihole","node":"pve1","status":"running","addresses":["10.0.0.4"]}';
    const look = [
      user("is pihole up?"),
      toolCall("get_guest", { guest: "pihole" }),
      toolResult(detail),
    ];
    expect(await answer(look)).toEqual([
      "pihole (VMID 104, container on pve1) is running.\n- addresses: 10.0.0.4",
    ]);
  });

  it("passes refusals on in the tool's own words", async () => {
    const refused = toolResult('{"result":"denied","message":"pihole is protected."}');
    const items = [
      user("delete pihole"),
      toolCall("schedule_deletion", { guest: "pihole" }),
      refused,
    ];

    expect(await answer(items)).toEqual(["pihole is protected."]);
  });

  it("answers in words when it may not call tools any more", async () => {
    const response = await planner.respond({
      ...requestFor([user("stop 102")]),
      toolChoice: "none",
    });

    expect(response).toMatchObject({ finish: "stop", items: [{ type: "assistant" }] });
  });

  it("does nothing on a message that is too long to be a request", async () => {
    expect(await answer([user(`stop web-01 ${"and web-02 ".repeat(300)}`)])).toEqual([
      expect.stringContaining("longer than I can follow"),
    ]);
  });

  it("reads no more of what was said before, which may have been said to another model", async () => {
    const wordy: Item = { type: "assistant", text: `web-02 runs. ${"until ".repeat(400)} web-01` };

    expect(await answer([user("what runs?"), wordy, user("stop it")])).toEqual([
      'shutdown_guest {"guest":"web-02"}',
    ]);
  });

  it("streams its answer", async () => {
    const pieces: string[] = [];
    await planner.respond({ ...requestFor([user("help")]), onText: (delta) => pieces.push(delta) });

    expect(pieces.join("")).toContain("restart web-02");
  });

  it("changes nothing on any message that names no guest and no description", async () => {
    const words =
      "please stop start delete restart kill the a to it them now yes confirm do not if on friday at 18:00 in 2 days and then what why list cluster keep move deletion".split(
        " ",
      );
    const message = fc
      .array(fc.constantFrom(...words), { maxLength: 9 })
      .map((parts) => parts.join(" "));
    await fc.assert(
      fc.asyncProperty(fc.oneof(message, fc.string({ maxLength: 60 })), async (text) => {
        const answers = await answer([user(text)]);
        expect(
          answers.filter((one) =>
            /^(?:start|stop|shutdown|reboot|schedule|cancel|reschedule)_/.test(one),
          ),
        ).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
