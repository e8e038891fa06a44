import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLogger, logFile, maskSecrets } from "#src/log.ts";

const canary = "canary-0123456789abcdef";

function capture(secrets: readonly string[] = []) {
  const lines: string[] = [];
  const log = createLogger({
    level: "trace",
    secrets,
    destination: { write: (line) => void lines.push(line) },
  });
  return { log, lines };
}

function failure(message: string): Error {
  const cause = new Error("inner", { cause: new Error(message) });
  return new Error("outer", { cause });
}

describe("a secret that looks like one", () => {
  it.each([
    ["a Slack token", `xoxb-${canary}`],
    ["a Slack app token", `xapp-${canary}`],
    ["an OpenAI key", `sk-${canary}`],
    ["a Proxmox token in a header", `Authorization: PVEAPIToken=agent@pve!main=${canary}`],
    ["a Proxmox token without its header", `agent@pve!main=${canary}`],
    ["a Proxmox ticket", `Cookie: PVEAuthCookie=${canary}`],
    ["a bearer token", `authorization: Bearer ${canary}`],
    ["credentials in a URL", `https://agent:${canary}@pve1.example:8006/api2/json`],
    ["a query", `/access/ticket?username=root&password=${canary}&x=1`],
    ["a private key", `-----BEGIN RSA PRIVATE KEY-----\n${canary}\n-----END RSA PRIVATE KEY-----`],
    ["JSON within a text", `the body was ${JSON.stringify({ apiKey: canary })}`],
  ])("does not get into the log as %s", (_, text) => {
    const { log, lines } = capture();

    log.info(text);
    log.info({ deep: { text: [text] } }, "field");
    log.error({ err: failure(text) }, "error with causes");
    log.error({ error: failure(text) }, "error under another name");

    expect(lines).toHaveLength(4);
    expect(lines.join("")).not.toContain(canary);
  });

  it.each([
    ["secret"],
    ["tokenSecret"],
    ["token_secret"],
    ["password"],
    ["apiKey"],
    ["token"],
    ["authorization"],
    ["cookie"],
  ])("does not get into the log as the field %s, at any depth", (name) => {
    const { log, lines } = capture();

    log.info({ [name]: `${canary} "quoted" ${canary}` }, "shallow");
    log.info({ a: { b: [{ c: { [name]: canary } }] } }, "deep");
    log.info({ body: JSON.stringify({ a: { [name]: canary } }) }, "JSON within JSON");
    log.info({ headers: { [name]: [canary] } }, "list");

    expect(lines).toHaveLength(4);
    expect(lines.join("")).not.toContain(canary);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("msg");
  });
});

describe("a secret of the configuration", () => {
  it("does not get into the log, whatever it looks like and wherever it stands", () => {
    const secret = 'blue "horse"/battery';
    const { log, lines } = capture([secret]);

    log.info(`the server answered ${secret}`);
    log.info({ path: `/x?y=${encodeURIComponent(secret)}` }, "request");
    log.info({ a: { b: { c: [secret] } } }, "field");
    log.error({ err: failure(secret) }, "failed");

    expect(lines).toHaveLength(4);
    expect(lines.join("")).not.toMatch(/horse/);
  });
});

describe("what is no secret", () => {
  it("stays in the log as it is", () => {
    const { log, lines } = capture([canary]);
    const fields = {
      vmid: 101,
      upid: "UPID:pve1:00001234:00ABCDEF:6560A1B2:vzstart:101:agent@pve!main:",
      usage: { inputTokens: 12, cachedTokens: 0 },
      tokenId: "agent@pve!main",
      url: "https://pve1.example:8006/api2/json/nodes",
    };

    log.warn(fields, "task failed");

    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ ...fields, level: 40, msg: "task failed" });
  });

  it("is an error with its causes, under either name", () => {
    const { log, lines } = capture();

    log.error({ err: failure("innermost") }, "failed");
    log.error({ error: failure("innermost") }, "failed");

    for (const line of lines) expect(line).toMatch(/outer.*inner.*innermost/);
    expect(lines).toHaveLength(2);
  });

  it("keeps what tells which credential it was", () => {
    expect(maskSecrets("PVEAPIToken=agent@pve!main=abc-def")).toBe(
      "PVEAPIToken=agent@pve!main=‹secret›",
    );
    expect(maskSecrets("the key xoxb-1234 is old")).toBe("the key ‹secret› is old");
  });
});

describe("a log file", () => {
  it("is made with its folder, for its owner's eyes only", () => {
    const path = join(mkdtempSync(join(tmpdir(), "log-")), "new", "agent.log");

    createLogger({ level: "info", destination: logFile(path) }).info({ vmid: 101 }, "started");

    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ vmid: 101, msg: "started" });
    expect(statSync(path).mode & 0o077).toBe(0);
  });
});
