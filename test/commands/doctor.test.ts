import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { generate } from "selfsigned";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { systemClock } from "#src/clock.ts";
import { describeFinding, describeOutcome } from "#src/commands/doctor/report.ts";
import { openDatabase } from "#src/storage/database.ts";
import {
  complaints,
  environmentOf,
  findingsOf,
  grantToken,
  only,
  serve,
  temporaryFolder,
  tokenId,
} from "#test/support/doctor.ts";
import type { ServerScript } from "#test/support/openai-server.ts";
import { startScriptedServer } from "#test/support/scripted-server.ts";
import { smallSeed, startSimulator } from "#test/support/simulator.ts";

const everywhere = {
  "/": "VM.Audit VM.GuestAgent.Audit Sys.Audit Pool.Audit Datastore.Audit VM.PowerMgmt",
};
const twoNodes = { ...smallSeed, nodes: [{ name: "pve1" }, { name: "pve2" }] };

/** A cluster that all is well with, and what configures it. */
async function startCluster(...options: Parameters<typeof startSimulator>) {
  const simulator = await startSimulator(...options);
  onTestFinished(() => simulator.stop());
  grantToken(simulator, everywhere);
  return { simulator, env: environmentOf(simulator) };
}

/** A server that never listened for long: nobody answers there. */
async function addressOfNobody(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

describe("the configuration", () => {
  it("that is empty is the sandbox, and the simulator is checked as a cluster is", async () => {
    const findings = await findingsOf({});

    expect(complaints(findings, ["warning", "failure"])).toEqual([]);
    const messages = findings.map(({ about, message }) => `${about}: ${message}`);
    expect(messages[0]).toMatch(/^configuration: proxmox-agent sandbox/);
    expect(messages).toContain("cluster: lab is quorate, 3 of 3 nodes online.");
    expect(messages).toContain("guests: 19 guests are seen.");
    expect(messages).toContain("people: At this terminal you are Alice, with the role admin.");
    const notes = complaints(findings, ["note"]).map(({ about }) => about);
    expect(notes).toEqual(["privileges", "database"]);
    expect(messages.join()).toContain("restore disks: VM.Config.Disk is missing on /vms.");
    expect(messages.join()).toContain("nothing is kept");
  });

  it("that is wrong is told with every mistake, and nothing else is tried", async () => {
    const env = { PROXMOX_URL: "pve1", PROXMOX_TOKEN_SECRET: "a b c", TIMEZONE: "Mars" };

    const findings = await findingsOf(env);

    expect(findings).toHaveLength(1);
    const { about, level, details = [], fix } = only(findings, "failure");
    expect({ about, level }).toEqual({ about: "configuration", level: "failure" });
    expect(details.map((line) => line.split(" ", 1)[0])).toEqual([
      "PROXMOX_URL",
      "PROXMOX_TOKEN_SECRET",
      "TIMEZONE",
      "PROXMOX_TOKEN_ID",
    ]);
    expect(fix?.join()).toContain(".env");
    expect(JSON.stringify(findings)).not.toContain("a b c");
  });
});

describe("an endpoint", () => {
  it("that is well is told with its version and why it is trusted", async () => {
    const { env } = await startCluster();

    const findings = await findingsOf(env, "proxmox");

    expect(findings).toEqual([
      {
        about: "proxmox",
        level: "ok",
        message: `${env.PROXMOX_URL} runs Proxmox VE 9.2.11 and accepts the token; no certificate is needed on this machine.`,
      },
    ]);
  });

  it("that nobody answers at is a failure, and the others are still worked with", async () => {
    const { env } = await startCluster();
    const nobody = await addressOfNobody();
    const both = { ...env, PROXMOX_URL: `${nobody},${env.PROXMOX_URL}` };

    const findings = await findingsOf(both);

    const found = only(findings, "failure");
    expect(found.message).toContain(`No connection to Proxmox at ${nobody} (ECONNREFUSED)`);
    expect(found.fix).toContain("# then in .env: PROXMOX_URL");
    expect(findings.filter(({ about }) => about === "guests")).toHaveLength(1);
  });

  it("that is no Proxmox is a failure, and the others are still worked with", async () => {
    const { env } = await startCluster();
    const page = await serve((_, response) => void response.end("<h1>It works!</h1>"));

    const findings = await findingsOf({ ...env, PROXMOX_URL: `${page},${env.PROXMOX_URL}` });

    expect(only(findings, "failure").message).toContain(`${page} gave /version an answer that`);
    expect(findings.filter(({ about }) => about === "guests")).toHaveLength(1);
  });

  it("that fails once is a failure, because only then somebody learns of it", async () => {
    const { simulator, env } = await startCluster();
    simulator.controls.fault({ path: "/version", action: { kind: "drop" } });

    expect(only(await findingsOf(env), "failure").message).toContain("No connection");
  });

  it("that does not know the token is told so, without what was tried", async () => {
    const { env } = await startCluster();
    const wrong = { ...env, PROXMOX_TOKEN_SECRET: "not-the-secret" };

    const findings = await findingsOf(wrong);

    const found = only(findings, "failure");
    expect(found.message).toContain("does not accept the API token");
    expect(found.fix).toContain("pveum user token list 'agent@pve'");
    expect(findings.some(({ about }) => about === "privileges")).toBe(false);
    expect(JSON.stringify(findings)).not.toContain("not-the-secret");
  });

  it.each([
    ["7.4-3", "failure"],
    ["8.4.1", undefined],
    ["10.0.1", "warning"],
  ])("of version %s is judged by its major version", async (version, level) => {
    const { simulator, env } = await startCluster();
    const body = JSON.stringify({ data: { version } });
    const action = { kind: "answer", status: 200, body } as const;
    simulator.controls.fault({ path: "/version", times: 10, action });

    const found = complaints(await findingsOf(env, "proxmox"));

    expect(found.map((finding) => finding.level)).toEqual(level ? [level] : []);
    expect(found.every(({ message }) => message.includes("Proxmox VE 8 and 9"))).toBe(true);
  });

  it.each([
    [5, []],
    [30, ["warning"]],
    [-30, ["warning"]],
    [90, ["failure"]],
    [-90, ["failure"]],
  ])("whose clock is %i seconds off is judged by how much", async (seconds, levels) => {
    const { env } = await startCluster();
    const url = await serve(async ({ url: path, headers }, response) => {
      const { authorization = "" } = headers;
      const answer = await fetch(`${env.PROXMOX_URL}${path}`, { headers: { authorization } });
      response.setHeader("date", new Date(Date.now() + seconds * 1000).toUTCString());
      response.end(await answer.text());
    });

    const found = complaints(await findingsOf({ ...env, PROXMOX_URL: url }, "proxmox"));

    expect(found.map(({ level }) => level)).toEqual(levels);
    const direction = seconds > 0 ? "ahead of" : "behind";
    expect(found.every(({ message }) => message.includes(direction))).toBe(true);
    expect(found.every(({ fix }) => fix?.includes("timedatectl set-ntp true"))).toBe(true);
  });
});

describe("a certificate", () => {
  async function startWithTls() {
    const { simulator, env } = await startCluster(smallSeed, { tls: true });
    const ca = join(temporaryFolder(), "ca.pem");
    writeFileSync(ca, simulator.ca ?? "");
    const sha256 = new X509Certificate(simulator.ca ?? "").fingerprint256;
    return { env, ca, sha256 };
  }

  it("that nobody vouches for is a failure that says how to trust it", async () => {
    const { env } = await startWithTls();

    const found = only(await findingsOf(env), "failure");

    expect(found.message).toMatch(/The certificate of https:.* is not trusted/);
    expect(found.fix).toEqual([
      "scp root@127.0.0.1:/etc/pve/pve-root-ca.pem pve-root-ca.pem",
      expect.stringMatching(/^# then in \.env/),
      "PROXMOX_CA_FILE=pve-root-ca.pem",
    ]);
  });

  it("is trusted by its authority, and by its fingerprint, and it is said by which", async () => {
    const { env, ca, sha256 } = await startWithTls();

    const byCa = await findingsOf({ ...env, PROXMOX_CA_FILE: ca }, "proxmox");
    const pinned = await findingsOf({ ...env, PROXMOX_TLS_FINGERPRINT: sha256 }, "proxmox");

    expect(byCa.map(({ level }) => level)).toEqual(["ok"]);
    expect(byCa[0]?.message).toContain("the authority in PROXMOX_CA_FILE vouches");
    expect(pinned.map(({ level }) => level)).toEqual(["ok"]);
    expect(pinned[0]?.message).toContain("the one in PROXMOX_TLS_FINGERPRINT");
  });

  it("other than the pinned one is a failure that says how to read the right one", async () => {
    const { env } = await startWithTls();
    const wrong = { ...env, PROXMOX_TLS_FINGERPRINT: "ab".repeat(32) };

    const found = only(await findingsOf(wrong), "failure");

    expect(found.message).toContain("another certificate than the one in");
    expect(found.fix?.[1]).toBe(
      "openssl x509 -in /etc/pve/local/pve-ssl.pem -noout -fingerprint -sha256",
    );
  });

  /** Serves a certificate that its own authority would not trust here, and configures for it. */
  async function serveCertificate(names: readonly string[], notAfterDate: Date) {
    const certificate = await generate([{ name: "commonName", value: "pve1" }], {
      keySize: 2048,
      notAfterDate,
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) },
      ],
    });
    const { private: key, cert } = certificate;
    const server = createTlsServer({ key, cert }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const ca = join(temporaryFolder(), "ca.pem");
    writeFileSync(ca, cert);
    const token = { PROXMOX_TOKEN_ID: tokenId, PROXMOX_TOKEN_SECRET: "not-a-secret" };
    return { ...token, PROXMOX_URL: `https://localhost:${port}`, PROXMOX_CA_FILE: ca };
  }
  const tomorrow = () => new Date(Date.now() + 86_400_000);
  const yesterday = () => new Date(Date.now() - 86_400_000);

  it("for another name is a failure that says how to read its names", async () => {
    const env = await serveCertificate(["pve1.example"], tomorrow());

    const found = only(await findingsOf(env, "proxmox"), "failure");

    expect(found.fix?.[1]).toContain("subjectAltName");
  });

  it("that has expired is a failure that says how to renew it", async () => {
    const env = await serveCertificate(["localhost"], yesterday());

    const found = only(await findingsOf(env, "proxmox"), "failure");

    expect(found.fix).toContain("pvecm updatecerts --force");
  });

  it("that is not checked is a warning", async () => {
    const { env } = await startWithTls();

    const found = await findingsOf({ ...env, PROXMOX_TLS_INSECURE: "true" }, "proxmox");

    expect(only(found, "warning").message).toContain("PROXMOX_TLS_INSECURE");
    expect(only(found, "warning").fix).toContain("PROXMOX_CA_FILE=pve-root-ca.pem");
  });
});

describe("the cluster", () => {
  it("without a quorum is a failure", async () => {
    const { simulator, env } = await startCluster(twoNodes);
    simulator.controls.quorum({ quorate: false });

    const found = only(await findingsOf(env, "cluster"), "failure");

    expect(found.message).toContain("has no quorum");
    expect(found.fix).toContain("pvecm status");
  });

  it("with a node that is away is a warning that names it", async () => {
    const { simulator, env } = await startCluster(twoNodes);
    simulator.controls.node({ node: "pve2", online: false });

    const found = only(await findingsOf(env, "cluster"), "warning");

    expect(found.message).toContain("pve2 is offline (1 of 2 nodes online)");
  });

  it("that lists no guest, although the token may see them, is a warning", async () => {
    const { env } = await startCluster({ ...smallSeed, guests: [] });

    const found = only(await findingsOf(env, "guests"), "warning");

    expect(found).toMatchObject({
      about: "guests",
      fix: expect.arrayContaining(["pveum acl list"]),
    });
    expect(found.message).toContain("empty although VM.Audit is there");
  });

  it.each([
    ["/cluster/status", "cluster", "guests"],
    ["/cluster/resources", "guests", "cluster"],
  ])("that fails on %s is told the rest nevertheless", async (path, about, other) => {
    const { simulator, env } = await startCluster();
    const action = { kind: "answer", status: 500, reason: "no memory" } as const;
    simulator.controls.fault({ path, times: 5, action });

    const findings = await findingsOf(env);

    expect(only(findings, "failure")).toMatchObject({
      about,
      message: "Proxmox refused: no memory.",
    });
    expect(findings.map((finding) => finding.about)).toEqual(
      expect.arrayContaining(["privileges", other]),
    );
  });

  it("that fails while it is asked is a failure in its own words", async () => {
    const { simulator, env } = await startCluster();
    const reason = `pmxcfs is away, says ${env.PROXMOX_TOKEN_SECRET}`;
    const action = { kind: "answer", status: 500, reason } as const;
    simulator.controls.fault({ path: "/access/permissions", times: 20, action });

    const found = only(await findingsOf(env), "failure");

    expect(found.about).toBe("privileges");
    expect(found.message).toContain("pmxcfs is away, says ‹secret›");
  });
});

describe("the model", () => {
  async function checkModel(script: ServerScript, settings: Record<string, string> = {}) {
    const server = await startScriptedServer(script);
    const env = {
      OPENAI_BASE_URL: server.baseUrl,
      OPENAI_MODEL: "tiny",
      OPENAI_API_KEY: "key-of-the-model",
      ...settings,
    };
    return { server, findings: await findingsOf(env, "model") };
  }
  const callsTool = { calls: [{ name: "report_ready", args: { ready: true } }] };

  it("that is not configured is the planner", async () => {
    expect(await findingsOf({}, "model")).toMatchObject([
      { level: "ok", message: expect.stringContaining("built-in planner") },
    ]);
  });

  it.each(["chat", "responses"])("that calls the tool over %s is well", async (api) => {
    const { server, findings } = await checkModel([callsTool], { LLM_API: api });

    expect(findings).toMatchObject([{ level: "ok" }]);
    expect(findings[0]?.message).toMatch(/^tiny calls tools; it took \d+\.\d s\.$/);
    server.assertComplete();
    expect(server.requests[0]).toMatchObject({ api, tools: ["report_ready"] });
    expect(server.requests[0]?.body.model).toBe("tiny");
  });

  it.each([
    ["in words only", { text: "I am ready." }],
    ["with another tool", { calls: [{ name: "report", args: {} }] }],
  ])("that answers %s is a warning", async (_, reply) => {
    const { findings } = await checkModel([reply]);

    expect(only(findings, "warning").message).toContain("did not call the tool");
    expect(only(findings, "warning").fix?.join()).toContain("OPENAI_MODEL");
  });

  it("that refuses the key is a failure, which does not repeat the key", async () => {
    const error = {
      message: "Incorrect API key provided: key-of-the-model",
      code: "invalid_api_key",
    };
    const { server, findings } = await checkModel([{ status: 401, body: { error } }]);

    const found = only(findings, "failure");
    expect(found.message).toContain("refused the API key");
    expect(found.fix?.join()).toContain("OPENAI_API_KEY");
    expect(JSON.stringify(findings)).not.toContain("key-of-the-model");
    server.assertComplete();
  });

  it("that the server does not have is a failure, which names those that it has", async () => {
    const url = await serve(({ url: path, headers }, response) => {
      const known = path === "/v1/models" && headers.authorization === "Bearer k";
      response.setHeader("content-type", "application/json");
      response.statusCode = known ? 200 : 404;
      const models = { data: [{ id: "qwen3" }, { id: "llama4" }] };
      response.end(JSON.stringify(known ? models : { error: { message: "no model nope" } }));
    });
    const env = { OPENAI_BASE_URL: `${url}/v1/`, OPENAI_MODEL: "nope", OPENAI_API_KEY: "k" };

    const found = only(await findingsOf(env, "model"), "failure");

    expect(found.details?.[0]).toContain("no model nope");
    expect(found.fix).toEqual([
      "# in .env: OPENAI_MODEL with one that the server has: qwen3, llama4",
    ]);
  });

  it("whose server is down is a failure, which says how to reach it", async () => {
    const url = await addressOfNobody();
    const env = { OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: "tiny" };

    const found = only(await findingsOf(env, "model"), "failure");

    expect(found.message).toContain("cannot be reached");
    expect(found.message).toContain("built-in planner reads");
    expect(found.fix).toContain(`curl ${url}/v1/models`);
  });

  it("that answers too late is a failure, which says how to give it more time", async () => {
    const reply = { ...callsTool, delayMs: 5_000 };
    const { findings } = await checkModel([reply], { OPENAI_TIMEOUT_SECONDS: "1" });

    expect(only(findings, "failure").fix).toContain("OPENAI_TIMEOUT_SECONDS=300");
  });

  it("that has a fault of its own is a failure at the first try", async () => {
    const { server, findings } = await checkModel([{ status: 500, body: {} }]);

    expect(only(findings, "failure").message).toContain("fault of its own");
    expect(server.requests).toHaveLength(1);
  });

  it("whose account is used up is a failure of its own kind", async () => {
    const error = { message: "You exceeded your quota", code: "insufficient_quota" };
    const { findings } = await checkModel([{ status: 429, body: { error } }]);

    expect(only(findings, "failure").fix?.join()).toContain("credit");
  });
});

describe("the database", () => {
  const database = () => join(temporaryFolder(), "agent.db");
  const check = (path: string) => findingsOf({ DATABASE_PATH: path }, "database");
  const entry = {
    actionId: "a",
    step: "started",
    tool: "start_guest",
    input: {},
    target: {},
    principal: { id: "alice", name: "Alice", role: "admin" },
  } as const;

  it("is made when it is not there, and then found", async () => {
    const path = join(temporaryFolder(), "below", "agent.db");

    expect(await check(path)).toMatchObject([
      { level: "ok", message: expect.stringContaining("is new") },
    ]);
    expect(await check(path)).toMatchObject([
      { level: "ok", message: expect.stringContaining("its schema is current") },
    ]);
  });

  it("tells how many entries of the audit log are intact", async () => {
    const path = database();
    const db = await openDatabase(path);
    await createAuditLog(db, systemClock).append(entry);
    await db.destroy();

    expect((await check(path))[0]?.message).toContain("intact (1 entries)");
  });

  it("whose audit log was changed is a failure that names the entry", async () => {
    const path = database();
    const db = await openDatabase(path);
    const audit = createAuditLog(db, systemClock);
    await audit.append(entry);
    await audit.append(entry);
    await sql`drop trigger audit_no_update`.execute(db);
    await sql`update audit set entry = replace(entry, 'alice', 'bob') where seq = 2`.execute(db);
    await db.destroy();

    const found = only(await check(path), "failure");

    expect(found.message).toContain("entry 2 does not follow");
    expect(found.fix).toContain(`mv '${path}' '${path}.changed'`);
  });

  it("that is another kind of file is a failure, and the file stays", async () => {
    const path = database();
    writeFileSync(path, "a shopping list, and a long one: ".repeat(100));

    const found = only(await check(path), "failure");

    expect(found.message).toBe(`The database ${path} cannot be used (file is not a database).`);
    expect(found.fix?.join()).toContain("DATABASE_PATH");
    expect(readFileSync(path, "utf8")).toMatch(/^a shopping list/);
  });

  it("of a newer version is a failure that says so", async () => {
    const path = database();
    const db = await openDatabase(path);
    await sql`insert into migration (name) values ('9999-later')`.execute(db);
    await db.destroy();

    expect(only(await check(path), "failure").message).toContain("newer version");
  });

  it("that takes no writes is a failure", async () => {
    const path = database();
    const db = await openDatabase(path);
    await sql`create trigger no_writes before update on migration
      begin select raise(abort, 'attempt to write a readonly database'); end`.execute(db);
    await db.destroy();

    expect(only(await check(path), "failure").message).toContain("readonly");
  });
});

describe("the people", () => {
  const me = userInfo().username;

  function policyFile(text: string): string {
    const path = join(temporaryFolder(), "policy.yaml");
    writeFileSync(path, text);
    return path;
  }

  it("of a cluster without a policy file may not change anything, which is a warning", async () => {
    const { env } = await startCluster();

    const findings = await findingsOf(env, "people");

    expect(only(findings, "warning")).toMatchObject({
      message: "There is no policy file: everyone may read, nobody may change anything.",
      fix: expect.arrayContaining(["POLICY_FILE=data/policy.yaml"]),
    });
    expect(only(findings, "ok").message).toBe(
      `At this terminal you are ${me}, with the role viewer.`,
    );
  });

  it("of a policy file are judged by it, and so is whoever asks", async () => {
    const { env } = await startCluster();
    const path = policyFile(`users:\n  - { id: ${me}, role: operator }\n`);

    const findings = await findingsOf({ ...env, POLICY_FILE: path }, "people");

    expect(findings.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      `ok: The policy file ${path} is valid.`,
      `ok: At this terminal you are ${me}, with the role operator.`,
    ]);
  });

  it("of a policy file are warned of what is probably not meant, names in the cluster included", async () => {
    const { env } = await startCluster();
    const rules = "rules: [{ guests: { nodes: [pve9] }, then: deny }]\nallowed_guests: {}\n";
    const path = policyFile(`users:\n  - { id: ${me}, role: operator }\n${rules}`);

    const found = only(await findingsOf({ ...env, POLICY_FILE: path }, "people"), "warning");

    expect(found.details).toEqual([
      "allowed_guests: it names no guest, so nobody may change any",
      "rules[0]: the cluster has no node pve9",
    ]);
    expect(found.fix).toEqual(["npm run policy -- check"]);

    const away = { ...env, PROXMOX_URL: "https://127.0.0.1:1", POLICY_FILE: path };
    expect(only(await findingsOf(away, "people"), "warning").details).toHaveLength(1);
  });

  it("that a policy file does not name may do nothing, which is a warning", async () => {
    const { env } = await startCluster();
    const path = policyFile("users:\n  - { id: somebody-else, role: admin }\n");

    const found = only(await findingsOf({ ...env, POLICY_FILE: path }, "people"), "warning");

    expect(found.message).toContain(`${me}, whom the policy does not know`);
    expect(found.fix).toContain(`  - { id: ${me}, role: admin }`);
  });

  it("of a wrong policy file are a failure with every mistake", async () => {
    const { env } = await startCluster();
    const path = policyFile("users:\n  - { id: a, role: king }\n  - { id: a, role: admin }\n");

    const found = only(await findingsOf({ ...env, POLICY_FILE: path }, "people"), "failure");

    expect(found.message).toBe("The policy file is not valid:");
    expect(found.details?.join()).toMatch(/no role named king.*listed twice/s);
    expect(found.fix?.join()).toContain(path);
  });
});

describe("the doctor", () => {
  it("goes on when one check breaks, and says so", async () => {
    const { env } = await startCluster();
    const stopped = AbortSignal.abort(new Error("it was stopped"));

    const findings = await findingsOf(env, undefined, stopped);

    expect(only(findings, "failure")).toMatchObject({
      about: "proxmox",
      message: "This could not be checked: it was stopped",
    });
    expect(findings.map(({ about }) => about)).toContain("people");
  });
});

describe("the report", () => {
  const finding = {
    about: "model",
    level: "failure",
    message: "It is \u001b[2Jaway.",
    details: ["line one\nline two"],
    fix: ["# in .env:", "A=b"],
  } as const;

  it("has a line per finding, below it the particulars and what to type, and no controls", () => {
    expect(describeFinding(finding, { colored: false }).split("\n")).toEqual([
      "failure  model: It is [2Jaway.",
      "         - line one line two",
      "         # in .env:",
      "         A=b",
    ]);
    expect(describeFinding(finding, { colored: true })).toContain("\u001b[31mfailure");
  });

  it("counts", () => {
    expect(describeOutcome([finding])).toBe("1 failure, 0 warnings.");
  });
});
