import { describe, expect, it } from "vitest";
import { createLexicon } from "#src/agent/models/planner/lexicon.ts";
import { resolveMentions } from "#src/agent/models/planner/resolve.ts";
import { readMentions } from "#src/agent/models/planner/targets.ts";
import { demoContext } from "#test/agent/golden/demo-cluster.ts";
import { lexicon, namesOf, read } from "#test/support/planner-words.ts";

interface Spoken {
  readonly destructive?: boolean;
  /** The guests that "it" and "them" stand for, as a text that names them. */
  readonly current?: string;
  readonly other?: string;
}

/** The guests that the words mean, what has to be asked, or else the kind of the answer. */
function resolved(text: string, { destructive = false, current = "", other = "" }: Spoken = {}) {
  const guests = (names: string) => read(names).flatMap((word) => word.guests);
  const found = resolveMentions(
    readMentions(read(text), lexicon),
    lexicon,
    { current: guests(current), other: guests(other) },
    { verb: "stop", destructive },
  );
  if (found.kind === "question") return found.text;
  return found.kind === "guests" ? namesOf(found.guests) : found.kind;
}

describe("resolveMentions", () => {
  it.each([
    ["web-01, web-02 and 103", "web-01 web-02 test-runner"],
    ["web-02 (102)", "web-02"],
    ["staging on pve3", "staging"],
    ["all ci guests", "test-runner build-cache"],
    ["all ci guests except build-cache", "test-runner"],
    ["the desktop vm", "win11-gaming"],
    ["bob's running guests", "staging build-cache"],
    ["please", "nothing"],
  ])("finds the guests of %j", (text, names) => {
    expect(resolved(text)).toBe(names);
  });

  it.each([
    ["web-03", 'no guest called "web-03"'],
    ["staging", "2 guests called"],
    ["the vm web-02", "not what you describe"],
    ["web-01 flux", 'I do not understand "flux"'],
    ["one of the web servers", "I do not pick one myself"],
    ["the prod container", "Which one do you mean?"],
    ["two prod containers", "3 guests fit that, not 2"],
    ["both web-01, web-02 and 103", "You say 2, and name 3"],
    ["all containers tagged gone", "No guest fits"],
    ["everything", "every guest there is"],
    ["pve1", "not nodes"],
    ["web-01 except web-01", "leaves no guest"],
    ["all containers but pihole on pve1", "what belongs to the exception"],
    ["it", "Which guest do you mean?"],
  ])("asks about %j", (text, question) => {
    expect(resolved(text)).toContain(question);
  });

  it("takes every guest of a kind for what is easily undone only", () => {
    expect(resolved("all vms")).toContain("win11-gaming");
    expect(resolved("all vms", { destructive: true })).toContain("every guest there is");
  });

  it("leaves templates out unless they are asked for", () => {
    expect(resolved("all stopped vms")).not.toContain("template");
    expect(resolved("all template vms")).toBe("debian-12-template");
  });

  it("knows the guests that were spoken of", () => {
    expect(resolved("it", { current: "web-02" })).toBe("web-02");
    expect(resolved("it", { current: "web-01 web-02" })).toContain("Which one do you mean?");
    expect(resolved("them", { current: "web-01 web-02" })).toBe("web-01 web-02");
    expect(resolved("the two", { current: "web-01 web-02" })).toBe("web-01 web-02");
    expect(resolved("the other one", { current: "web-02", other: "web-01" })).toBe("web-01");
    expect(resolved("the prod container", { current: "web-02" })).toBe("web-02");
  });

  it("has described guests listed first where there is no inventory", () => {
    const unlisted = createLexicon({ ...demoContext(), guests: undefined });
    const mentions = readMentions(read("all ci containers", unlisted), unlisted);
    const none = { current: [], other: [] };

    expect(
      resolveMentions(mentions, unlisted, none, { verb: "stop", destructive: false }),
    ).toMatchObject({ kind: "list", filter: { tags: ["ci"], kinds: ["ct"] } });
  });
});
