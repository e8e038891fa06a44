import { describe, expect, it } from "vitest";
import { ModelError, type ModelErrorKind } from "#src/agent/model.ts";
import { createFallbackModel } from "#src/agent/models/fallback.ts";
import { silentLogger } from "#src/log.ts";
import { clockAt } from "#test/support/clock.ts";
import { aModelRequest } from "#test/support/model-requests.ts";
import { createScriptedModel, type ScriptedStep, says } from "#test/support/scripted-model.ts";

function setup(...steps: ScriptedStep[]) {
  const primary = createScriptedModel(steps);
  const planner = createScriptedModel(() => ({
    ...says("Planned."),
    model: "planner",
    requests: 0,
  }));
  const clock = clockAt("2026-11-21T12:00:00Z");
  const model = createFallbackModel({ primary, fallback: planner, clock, log: silentLogger });
  return { primary, planner, clock, model };
}

const down = (kind: ModelErrorKind = "connection") => new ModelError(kind, "no", { requests: 3 });

describe("while the model answers", () => {
  it("has its answer and no notice", async () => {
    const { model, planner } = setup(says("Hello."));

    const response = await model.respond(aModelRequest());

    expect(response).toMatchObject({ items: [{ text: "Hello." }], model: "scripted" });
    expect(response.fallbackNotice).toBeUndefined();
    expect(planner.requests).toHaveLength(0);
  });
});

describe("when the model fails", () => {
  it.each([
    ["connection", "cannot be reached"],
    ["server", "has a failure on its side"],
    ["timeout", "did not answer in time"],
    ["auth", "did not accept the API key"],
    ["quota", "has no credit left"],
    ["rate-limit", "is busy with too many requests"],
    ["invalid-response", "gave no usable answer"],
    ["bad-request", "refused the request"],
    ["context-length", "cannot take a conversation of this length"],
  ] as const)("for %s, the fallback answers and says so", async (kind, reason) => {
    const { model } = setup(down(kind));

    await expect(model.respond(aModelRequest())).resolves.toMatchObject({
      items: [{ text: "Planned." }],
      model: "planner",
      requests: 3,
      fallbackNotice: `The configured model (scripted) ${reason}; the simple offline planner answered instead.`,
    });
  });

  it("for a defect, the fallback answers too", async () => {
    const { model } = setup(new TypeError("undefined is not a function"));

    await expect(model.respond(aModelRequest())).resolves.toMatchObject({ model: "planner" });
  });

  it("leaves an aborted request unanswered, and does not hold it against the model", async () => {
    const aborted = () => down("aborted");
    const { model, planner } = setup(aborted(), aborted(), aborted(), says("Hello."));

    for (let times = 0; times < 3; times++) {
      await expect(model.respond(aModelRequest())).rejects.toMatchObject({ kind: "aborted" });
    }
    expect(planner.requests).toHaveLength(0);
    await expect(model.respond(aModelRequest())).resolves.toMatchObject({ model: "scripted" });
  });

  it("marks what a person has read of a broken answer before the other one begins", async () => {
    const { model } = setup((request) => {
      request.onText?.("web-01 is ");
      throw down();
    });
    const heard: string[] = [];

    const response = await model.respond(aModelRequest({ onText: (delta) => heard.push(delta) }));

    expect(heard.join("")).toBe("web-01 is  … (broken off)\n\nPlanned.");
    expect(response.items).toEqual([{ type: "assistant", text: "Planned." }]);
  });
});

describe("when the model stays down", () => {
  it("leaves it alone for a minute after three failures within a minute", async () => {
    const { model, primary, clock } = setup(down(), down("auth"), down("server"), says("Back."));
    for (let times = 0; times < 3; times++) await model.respond(aModelRequest());

    clock.advance({ seconds: 59 });
    await expect(model.respond(aModelRequest())).resolves.toMatchObject({
      requests: 0,
      fallbackNotice: expect.stringContaining("has a failure on its side"),
    });
    expect(primary.requests).toHaveLength(3);

    clock.advance({ seconds: 1 });
    await expect(model.respond(aModelRequest())).resolves.toMatchObject({ model: "scripted" });
    primary.assertComplete();
  });

  it("leaves it alone for another minute when it still is down then", async () => {
    const { model, primary, clock } = setup(down(), down(), down(), down(), says("Back."));
    for (let times = 0; times < 3; times++) await model.respond(aModelRequest());

    clock.advance({ seconds: 60 });
    await model.respond(aModelRequest());
    await model.respond(aModelRequest());
    expect(primary.requests).toHaveLength(4);

    clock.advance({ seconds: 60 });
    await expect(model.respond(aModelRequest())).resolves.toMatchObject({ model: "scripted" });
    await expect(model.respond(aModelRequest())).resolves.toMatchObject({
      fallbackNotice: expect.stringContaining("refused"),
    });
  });

  it("tries it with one request at a time", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { model, primary, clock } = setup(down(), down(), down(), async () => {
      await promise;
      return says("Back.");
    });
    for (let times = 0; times < 3; times++) await model.respond(aModelRequest());
    clock.advance({ seconds: 60 });

    const probe = model.respond(aModelRequest());
    await expect(model.respond(aModelRequest())).resolves.toMatchObject({ model: "planner" });
    resolve();

    await expect(probe).resolves.toMatchObject({ model: "scripted" });
    expect(primary.requests).toHaveLength(4);
  });

  it("tries on while failures are rare, or about one request only", async () => {
    const rare = setup(down(), down(), down(), down());
    for (let times = 0; times < 4; times++) {
      await rare.model.respond(aModelRequest());
      rare.clock.advance({ seconds: 31 });
    }
    rare.primary.assertComplete();

    const refusals = setup(...Array.from({ length: 4 }, () => down("context-length")));
    for (let times = 0; times < 4; times++) await refusals.model.respond(aModelRequest());
    refusals.primary.assertComplete();
  });
});
