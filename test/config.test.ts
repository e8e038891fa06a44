import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ConfigOverrides, loadConfig } from "#src/config.ts";
import { ConfigError } from "#src/read-settings.ts";
import { isSecret, settingNames } from "#src/settings.ts";

const secret = "01234567-89ab-cdef-0123-456789abcdef";
const cluster = {
  PROXMOX_URL: "https://pve1.example:8006",
  PROXMOX_TOKEN_ID: "agent@pve!main",
  PROXMOX_TOKEN_SECRET: secret,
};
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "config-")), "file");
  writeFileSync(path, text);
  return path;
}

function problemsOf(env: Record<string, string>, overrides?: ConfigOverrides): readonly string[] {
  try {
    loadConfig(env, overrides);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("an empty environment", () => {
  it("is the sandbox with the offline planner and a database in data/", () => {
    expect(loadConfig({})).toEqual({
      proxmox: { kind: "sandbox" },
      model: { kind: "offline" },
      slack: undefined,
      calendar: { kind: "local", feedPath: "data/sandbox.ics" },
      deletions: {
        pollSeconds: 60,
        backupStorage: "backup-nfs",
        backupRetentionDays: 30,
        perHour: 5,
        shutdownMinutes: 5,
        preparationHours: 6,
        mark: false,
      },
      databasePath: "data/sandbox.db",
      timeZone: "UTC",
      policyFile: undefined,
      logLevel: "info",
      warnings: [],
      secrets: [],
    });
  });

  it("is also what empty settings and unknown variables make", () => {
    expect(loadConfig({ PROXMOX_URL: "", OPENAI_API_KEY: " ", HOME: "/root" })).toEqual(
      loadConfig({}),
    );
  });
});

describe("a cluster", () => {
  it("is reached through each of its endpoints, named by their origins", () => {
    const PROXMOX_URL =
      "https://pve1.example:8006, https://10.0.0.2:8006/,https://[fd00::3]:8006/api2/json";

    expect(loadConfig({ ...cluster, PROXMOX_URL }).proxmox).toEqual({
      kind: "cluster",
      endpoints: ["https://pve1.example:8006", "https://10.0.0.2:8006", "https://[fd00::3]:8006"],
      tokenId: "agent@pve!main",
      tokenSecret: secret,
      tls: { kind: "system" },
    });
  });

  it.each([
    ["pve1.example:8006"],
    ["pve1.example"],
    ["http://pve1.example:8006"],
    ["https://pve1.example:8006/#v1:0"],
    ["https://pve1.example:8006/other"],
    ["https://root:hunter2@pve1.example:8006"],
    ["https://pve1.example:8006,,https://pve2.example:8006"],
  ])("is not reached at %s", (PROXMOX_URL) => {
    expect(problemsOf({ ...cluster, PROXMOX_URL })).toEqual([
      expect.stringMatching(/^PROXMOX_URL is ".*"; expected https:\/\/HOST:8006, /),
    ]);
  });

  it.each(["http://127.0.0.1:8006", "http://localhost:1", "http://[::1]:8006"])(
    "may be spoken to without TLS at %s, on this very machine",
    (PROXMOX_URL) => {
      expect(loadConfig({ ...cluster, PROXMOX_URL }).proxmox).toMatchObject({
        endpoints: [PROXMOX_URL],
      });
    },
  );

  it("keeps its state apart from the sandbox's", () => {
    expect(loadConfig(cluster).databasePath).toBe("data/proxmox-agent.db");
    expect(loadConfig({ ...cluster, DATABASE_PATH: "/var/lib/a.db" }).databasePath).toBe(
      "/var/lib/a.db",
    );
  });

  it("without a policy file is announced as one that nobody may change", () => {
    expect(loadConfig(cluster).warnings).toEqual([
      "There is no POLICY_FILE: everyone may read, nobody may change anything.",
    ]);
  });

  it("on which guests may be deleted without a backup says so", () => {
    const env = { ...cluster, POLICY_FILE: "policy.yaml" };

    expect(loadConfig(env).warnings).toEqual([
      "There is no BACKUP_STORAGE: guests are deleted without a backup and cannot be restored.",
    ]);
    expect(loadConfig({ ...env, BACKUP_STORAGE: "nas" }).warnings).toEqual([]);
  });

  it.each([
    ["PROXMOX_URL", ["PROXMOX_TOKEN_ID", "PROXMOX_TOKEN_SECRET"]],
    ["PROXMOX_TOKEN_ID", ["PROXMOX_URL", "PROXMOX_TOKEN_SECRET"]],
    ["PROXMOX_TOKEN_SECRET", ["PROXMOX_URL", "PROXMOX_TOKEN_ID"]],
  ] as const)("of which only %s is configured is not the sandbox", (name, missing) => {
    expect(problemsOf({ [name]: cluster[name] })).toEqual(
      missing.map((other) =>
        expect.stringMatching(new RegExp(`^${other} is not set; .* because ${name} asks for`)),
      ),
    );
  });

  it.each(["agent@pve", "agent", "agent@pve!", `agent@pve!main=${secret}`])(
    "does not take %s for a token id, and does not repeat a secret in it",
    (PROXMOX_TOKEN_ID) => {
      const problems = problemsOf({ ...cluster, PROXMOX_TOKEN_ID });

      expect(problems).toEqual([expect.stringMatching(/^PROXMOX_TOKEN_ID is "agent/)]);
      expect(problems.join()).not.toContain(secret);
    },
  );
});

describe("a token for deletions", () => {
  const deletion = {
    PROXMOX_DELETE_TOKEN_ID: "agent-delete@pve!main",
    PROXMOX_DELETE_TOKEN_SECRET: "76543210-89ab-cdef-0123-456789abcdef",
  };

  it("is another one than the agent's, and its secret is as secret", () => {
    const { proxmox, secrets } = loadConfig({ ...cluster, ...deletion });

    expect(proxmox).toMatchObject({
      tokenId: "agent@pve!main",
      deletionToken: {
        tokenId: "agent-delete@pve!main",
        tokenSecret: deletion.PROXMOX_DELETE_TOKEN_SECRET,
      },
    });
    expect(secrets).toEqual([secret, deletion.PROXMOX_DELETE_TOKEN_SECRET]);
  });

  it("may come out of a file", () => {
    const { PROXMOX_DELETE_TOKEN_SECRET: text, ...id } = deletion;
    const env = { ...cluster, ...id, PROXMOX_DELETE_TOKEN_SECRET_FILE: fileWith(`${text}\n`) };

    expect(loadConfig(env).proxmox).toMatchObject({ deletionToken: { tokenSecret: text } });
  });

  it.each([
    ["PROXMOX_DELETE_TOKEN_ID", "PROXMOX_DELETE_TOKEN_SECRET"],
    ["PROXMOX_DELETE_TOKEN_SECRET", "PROXMOX_DELETE_TOKEN_ID"],
  ] as const)("of which only %s is set is a mistake", (name, other) => {
    expect(problemsOf({ ...cluster, [name]: deletion[name] })).toEqual([
      expect.stringMatching(`^${other} is not set; .* because ${name} asks for`),
    ]);
  });

  it("without the cluster's own is a mistake", () => {
    expect(problemsOf(deletion)).toHaveLength(3);
  });

  it("is refused where it is the same, which would protect nothing", () => {
    const PROXMOX_DELETE_TOKEN_ID = ` ${cluster.PROXMOX_TOKEN_ID}`;

    expect(problemsOf({ ...cluster, ...deletion, PROXMOX_DELETE_TOKEN_ID })).toEqual([
      "PROXMOX_DELETE_TOKEN_ID names the token of PROXMOX_TOKEN_ID; expected another one.",
    ]);
  });

  it("is left alone by a sandbox that is asked for", () => {
    const { proxmox, secrets } = loadConfig({ ...cluster, ...deletion }, { sandbox: true });

    expect({ proxmox, secrets }).toEqual({ proxmox: { kind: "sandbox" }, secrets: [] });
  });
});

describe("the cluster's certificate", () => {
  const tlsOf = (env: Record<string, string>) => {
    const { proxmox } = loadConfig({ ...cluster, ...env });
    return proxmox.kind === "cluster" && proxmox.tls;
  };

  it("is judged by the authority in a file", () => {
    expect(tlsOf({ PROXMOX_CA_FILE: fileWith(pem) })).toEqual({ kind: "ca", pem: pem.trim() });
  });

  it("is judged by a fingerprint, however it is written", () => {
    const bytes = Array.from({ length: 32 }, (_, index) => (index + 200).toString(16));

    for (const PROXMOX_TLS_FINGERPRINT of [bytes.join(":").toUpperCase(), bytes.join("")]) {
      expect(tlsOf({ PROXMOX_TLS_FINGERPRINT })).toEqual({
        kind: "fingerprint",
        sha256: bytes.join(""),
      });
    }
  });

  it("is not judged only where that was asked for, and then it is said", () => {
    const usual = { ...cluster, POLICY_FILE: "policy.yaml", BACKUP_STORAGE: "nas" };
    const insecure = { ...usual, PROXMOX_TLS_INSECURE: "true" };

    expect(tlsOf({ PROXMOX_TLS_INSECURE: "false" })).toEqual({ kind: "system" });
    expect(tlsOf({ PROXMOX_TLS_INSECURE: "true" })).toEqual({ kind: "insecure" });
    expect(loadConfig(insecure).warnings).toEqual([
      expect.stringContaining("certificate is not checked"),
    ]);
  });

  it("is judged in one way only", () => {
    const env = { ...cluster, PROXMOX_CA_FILE: fileWith(pem) };

    expect(problemsOf({ ...env, PROXMOX_TLS_INSECURE: "true" })).toEqual([
      "PROXMOX_CA_FILE and PROXMOX_TLS_INSECURE are set; expected one of them.",
    ]);
    expect(problemsOf({ ...env, PROXMOX_TLS_INSECURE: "false" })).toEqual([]);
  });

  it.each([
    ["no file", "/does/not/exist", "(ENOENT)"],
    ["another file", fileWith("hello"), "with a certificate in PEM form"],
    ["an empty file", fileWith(""), "not empty"],
  ])("is not judged by %s", (_, PROXMOX_CA_FILE, reason) => {
    expect(problemsOf({ ...cluster, PROXMOX_CA_FILE })).toEqual([expect.stringContaining(reason)]);
  });
});

describe("a model", () => {
  it("is OpenAI's with nothing but a key", () => {
    expect(loadConfig({ OPENAI_API_KEY: "sk-1" }).model).toEqual({
      kind: "openai",
      apiKey: "sk-1",
      baseUrl: undefined,
      model: "gpt-5-mini",
      api: "auto",
      timeoutSeconds: 60,
    });
  });

  it("is any server's with an address and a name, and without a key", () => {
    const env = {
      OPENAI_BASE_URL: "http://127.0.0.1:11434/v1/",
      OPENAI_MODEL: "qwen3",
      LLM_API: "chat",
      OPENAI_TIMEOUT_SECONDS: "300",
    };

    expect(loadConfig(env).model).toEqual({
      kind: "openai",
      apiKey: undefined,
      baseUrl: "http://127.0.0.1:11434/v1",
      model: "qwen3",
      api: "chat",
      timeoutSeconds: 300,
    });
  });

  it.each([
    [{ OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" }, "OPENAI_MODEL is not set"],
    [{ OPENAI_MODEL: "qwen3" }, "OPENAI_API_KEY is not set"],
    [{ OPENAI_BASE_URL: "127.0.0.1:11434", OPENAI_MODEL: "a" }, 'OPENAI_BASE_URL is "127.0.0.1'],
    [{ OPENAI_BASE_URL: "ftp://a/v1", OPENAI_MODEL: "a" }, 'OPENAI_BASE_URL is "ftp:'],
    [{ OPENAI_BASE_URL: "http://u:p@a/v1", OPENAI_MODEL: "a" }, "OPENAI_BASE_URL is"],
    [{ OPENAI_API_KEY: "sk-1", LLM_API: "soap" }, 'LLM_API is "soap"; expected auto'],
    [{ OPENAI_TIMEOUT_SECONDS: "soon" }, 'OPENAI_TIMEOUT_SECONDS is "soon"; expected whole'],
    [{ OPENAI_TIMEOUT_SECONDS: "0" }, 'OPENAI_TIMEOUT_SECONDS is "0"; expected whole'],
  ])("is not made of %j", (env, problem) => {
    expect(problemsOf({ ...env } as Record<string, string>)).toEqual([
      expect.stringContaining(problem),
    ]);
  });
});

describe("Slack", () => {
  const botToken = "xoxb-1-2-a";
  const socket = { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: "xapp-1-A-2-b" };
  const http = { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: "c0ffee" };

  it("is connected to by Socket Mode, in a channel of its own, and refuses strangers", () => {
    expect(loadConfig(socket).slack).toEqual({
      botToken,
      transport: { kind: "socket", appToken: "xapp-1-A-2-b" },
      apiUrl: undefined,
      channel: "#proxmox",
      externals: "refuse",
    });
  });

  it("calls over HTTP where there is only a signing secret", () => {
    const transport = { kind: "http", signingSecret: "c0ffee", port: 3000 };

    expect(loadConfig(http).slack?.transport).toEqual(transport);
    expect(loadConfig({ ...http, SLACK_PORT: "8080" }).slack?.transport).toMatchObject({
      port: 8080,
    });
    expect(loadConfig({ ...http, ...socket }).slack?.transport.kind).toBe("socket");
  });

  it("takes what is set", () => {
    const env = {
      ...socket,
      SLACK_API_URL: "http://127.0.0.1:9/api",
      SLACK_CHANNEL: "C0123456789",
      SLACK_EXTERNALS: "viewer",
    };

    expect(loadConfig(env).slack).toMatchObject({
      apiUrl: "http://127.0.0.1:9/api/",
      channel: "C0123456789",
      externals: "viewer",
    });
  });

  it.each([
    [{ SLACK_APP_TOKEN: "xapp-1" }, "SLACK_BOT_TOKEN is not set; .* SLACK_APP_TOKEN asks for"],
    [{ SLACK_SIGNING_SECRET: "c0ffee" }, "SLACK_BOT_TOKEN is not set; .* SLACK_SIGNING_SECRET"],
    [{ SLACK_BOT_TOKEN: botToken }, "SLACK_APP_TOKEN is not set; .* SLACK_SIGNING_SECRET is not"],
    [{ ...socket, SLACK_BOT_TOKEN: "xoxp-1" }, "SLACK_BOT_TOKEN is a secret that is not shown"],
    [{ ...socket, SLACK_APP_TOKEN: botToken }, "SLACK_APP_TOKEN is a secret that is not shown"],
    [{ ...http, SLACK_PORT: "0" }, 'SLACK_PORT is "0"; expected a port'],
    [{ ...socket, SLACK_API_URL: "http://slack.example/api/" }, "SLACK_API_URL is"],
    [{ ...socket, SLACK_API_URL: "nowhere" }, "SLACK_API_URL is"],
    [{ ...socket, SLACK_EXTERNALS: "admin" }, 'SLACK_EXTERNALS is "admin"; expected refuse'],
  ])("is not made of %j", (env, problem) => {
    expect(problemsOf({ ...env } as Record<string, string>)).toEqual([
      expect.stringMatching(new RegExp(`^${problem}`)),
    ]);
  });

  it("is left alone by a sandbox that is asked for", () => {
    expect(loadConfig(socket, { sandbox: true }).slack).toBeUndefined();
  });
});

describe("the calendar", () => {
  const key = JSON.stringify({
    type: "service_account",
    client_email: "agent@project.iam.gserviceaccount.com",
    private_key: "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
  });
  const id = { GOOGLE_CALENDAR_ID: "c_1@group.calendar.google.com" };
  const google = { ...id, GOOGLE_SERVICE_ACCOUNT_JSON: key };

  it("is in the database, and in a file beside it", () => {
    const calendarOf = (env: Record<string, string>) => loadConfig(env).calendar;

    expect(calendarOf({ DATABASE_PATH: "/var/lib/agent/main.db" })).toEqual({
      kind: "local",
      feedPath: "/var/lib/agent/main.ics",
    });
    expect(calendarOf({ CALENDAR_FEED: "/srv/www/deletions.ics" })).toEqual({
      kind: "local",
      feedPath: "/srv/www/deletions.ics",
    });
  });

  it("is in no file where nothing is kept", () => {
    expect(loadConfig({ DATABASE_PATH: ":memory:" }).calendar).toEqual({
      kind: "local",
      feedPath: undefined,
    });
  });

  it("is Google's with an id and a key, in whichever way the key is given", () => {
    const GOOGLE_APPLICATION_CREDENTIALS = fileWith(key);
    const calendar = {
      kind: "google",
      calendarId: "c_1@group.calendar.google.com",
      key,
      apiRootUrl: undefined,
      tokenUrl: undefined,
    };

    expect(loadConfig(google).calendar).toEqual(calendar);
    expect(loadConfig({ ...id, GOOGLE_APPLICATION_CREDENTIALS }).calendar).toEqual(calendar);
  });

  it("is another server's where tests say so", () => {
    const env = {
      ...google,
      GOOGLE_API_ROOT_URL: "http://127.0.0.1:9",
      GOOGLE_TOKEN_URL: "http://127.0.0.1:9/token",
    };

    expect(loadConfig(env).calendar).toMatchObject({
      apiRootUrl: "http://127.0.0.1:9/",
      tokenUrl: "http://127.0.0.1:9/token",
    });
  });

  it.each([
    [id, "GOOGLE_APPLICATION_CREDENTIALS is not set; .* GOOGLE_SERVICE_ACCOUNT_JSON is not set"],
    [{ GOOGLE_SERVICE_ACCOUNT_JSON: key }, "GOOGLE_CALENDAR_ID is not set; .*_JSON asks for"],
    [
      { ...google, GOOGLE_APPLICATION_CREDENTIALS: fileWith(key) },
      "GOOGLE_APPLICATION_CREDENTIALS and GOOGLE_SERVICE_ACCOUNT_JSON are set; expected one",
    ],
    [
      { ...google, ...cluster, DATABASE_PATH: " :memory:" },
      "DATABASE_PATH is :memory:, .* would keep events that nobody knows afterwards; expected",
    ],
    [
      { ...google, CALENDAR_FEED: "a.ics" },
      "GOOGLE_CALENDAR_ID and CALENDAR_FEED are set; expected one",
    ],
    [{ ...google, GOOGLE_SERVICE_ACCOUNT_JSON: "{" }, "GOOGLE_SERVICE_ACCOUNT_JSON is a secret"],
    [
      { ...google, GOOGLE_SERVICE_ACCOUNT_JSON: '{"installed":{}}' },
      "GOOGLE_SERVICE_ACCOUNT_JSON is a secret that is not shown; expected the JSON that Google",
    ],
    [
      { ...id, GOOGLE_APPLICATION_CREDENTIALS: fileWith("{}") },
      'GOOGLE_APPLICATION_CREDENTIALS is "/.*/file"; expected the path of the JSON file',
    ],
    [
      { ...id, GOOGLE_APPLICATION_CREDENTIALS: "/does/not/exist" },
      "GOOGLE_APPLICATION_CREDENTIALS is .* can be read .ENOENT.",
    ],
    [{ ...google, GOOGLE_CALENDAR_ID: "https://a/b" }, "GOOGLE_CALENDAR_ID is"],
    [{ ...google, GOOGLE_API_ROOT_URL: "http://google.example" }, "GOOGLE_API_ROOT_URL is"],
    [{ ...google, GOOGLE_TOKEN_URL: "http://google.example" }, "GOOGLE_TOKEN_URL is"],
    [{ CALENDAR_POLL_SECONDS: "9" }, 'CALENDAR_POLL_SECONDS is "9"; expected whole seconds'],
  ])("is not made of %j", (env, problem) => {
    expect(problemsOf({ ...env } as Record<string, string>)).toEqual([
      expect.stringMatching(new RegExp(`^${problem}`)),
    ]);
  });

  it("of Google is left alone by a sandbox that is asked for", () => {
    expect(loadConfig(google, { sandbox: true }).calendar.kind).toBe("local");
  });
});

describe("deletions", () => {
  it("are carried out as is set", () => {
    const env = {
      ...cluster,
      CALENDAR_POLL_SECONDS: "30",
      BACKUP_STORAGE: "nas",
      BACKUP_RETENTION: "7",
      DELETIONS_PER_HOUR: "50",
      SHUTDOWN_MINUTES: "10",
      PREPARATION_HOURS: "2",
      DELETION_MARK: "true",
    };

    expect(loadConfig(env).deletions).toEqual({
      pollSeconds: 30,
      backupStorage: "nas",
      backupRetentionDays: 7,
      perHour: 50,
      shutdownMinutes: 10,
      preparationHours: 2,
      mark: true,
    });
  });

  it("have no backup storage on a cluster of which none is named", () => {
    expect(loadConfig(cluster).deletions.backupStorage).toBeUndefined();
  });

  it.each([
    ["BACKUP_STORAGE", "nas/vzdump"],
    ["BACKUP_RETENTION", "0"],
    ["DELETIONS_PER_HOUR", "0"],
    ["DELETIONS_PER_HOUR", "unlimited"],
    ["SHUTDOWN_MINUTES", "61"],
    ["PREPARATION_HOURS", "25"],
    ["DELETION_MARK", "delete"],
  ])("are not carried out with %s=%s", (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([
      expect.stringContaining(`${name} is "${value}"; expected `),
    ]);
  });
});

describe("a secret", () => {
  it("is read from a file, without the line break at its end", () => {
    const { PROXMOX_TOKEN_SECRET, ...rest } = cluster;
    const env = { ...rest, PROXMOX_TOKEN_SECRET_FILE: fileWith(`${PROXMOX_TOKEN_SECRET}\n`) };

    expect(loadConfig(env)).toEqual(loadConfig(cluster));
  });

  it("is given in one way only", () => {
    expect(problemsOf({ OPENAI_API_KEY: "sk-1", OPENAI_API_KEY_FILE: fileWith("sk-2") })).toEqual([
      "OPENAI_API_KEY and OPENAI_API_KEY_FILE are both set; expected one of them.",
    ]);
  });

  it.each([
    ["cannot be read", "/does/not/exist", "can be read (ENOENT)"],
    ["is a folder", tmpdir(), "can be read (EISDIR)"],
    ["is empty", fileWith("\n"), "is not empty"],
  ])("is not taken from a file that %s", (_, OPENAI_API_KEY_FILE, reason) => {
    expect(problemsOf({ OPENAI_API_KEY_FILE })).toEqual([expect.stringContaining(reason)]);
  });

  it("is one word, or it would end the header that it is sent in", () => {
    expect(problemsOf({ ...cluster, PROXMOX_TOKEN_SECRET: "one\ntwo" })).toEqual([
      expect.stringContaining("PROXMOX_TOKEN_SECRET is a secret that is not shown"),
    ]);
  });

  it("is not shown when it is wrong", () => {
    expect(problemsOf({ OPENAI_API_KEY: "hunter2 hunter2" })).toEqual([
      "OPENAI_API_KEY is a secret that is not shown; expected one word, as the server's operator gave it.",
    ]);
  });

  it("is handed to the log, which keeps it out", () => {
    const slack = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };
    const env = { ...cluster, OPENAI_API_KEY: "sk-1", ...slack, SLACK_SIGNING_SECRET: "c0ffee" };

    expect(loadConfig(env).secrets).toEqual([secret, "sk-1", "xoxb-1", "xapp-1", "c0ffee"]);
  });

  it("is of a service account's file only what is secret in it", () => {
    const key = { type: "service_account", client_email: "a@b", private_key: "the key" };
    const json = JSON.stringify(key, null, 2);
    const id = { GOOGLE_CALENDAR_ID: "c@group.calendar.google.com" };

    for (const given of [
      { GOOGLE_APPLICATION_CREDENTIALS: fileWith(json) },
      { GOOGLE_SERVICE_ACCOUNT_JSON: json },
    ]) {
      expect(loadConfig({ ...id, ...given }).secrets).toEqual(["the key"]);
    }
  });

  const namedLikeSecrets = settingNames.filter((name) =>
    /SECRET|TOKEN$|KEY|PASS|CREDENTIAL|JSON|PRIVATE|DSN/.test(name),
  );
  it.each(namedLikeSecrets)("is marked as one where its name says that it is: %s", (name) => {
    expect(isSecret(name)).toBe(true);
  });

  it.each(settingNames.filter((name) => name.endsWith("URL")))("is not part of %s", (name) => {
    expect(problemsOf({ [name]: "https://user:password@server.example" })).toContainEqual(
      expect.stringMatching(`^${name} is `),
    );
  });
});

describe("everything else", () => {
  it.each(["Mars/Olympus", "+02:00", "CEST?"])("does not take %s for a time zone", (TIMEZONE) => {
    expect(problemsOf({ TIMEZONE })).toEqual([
      expect.stringContaining("expected an IANA time zone such as Europe/Berlin"),
    ]);
  });

  it("takes what is set", () => {
    const env = { TIMEZONE: "Europe/Berlin", LOG_LEVEL: "debug" };

    expect(loadConfig(env)).toMatchObject({
      timeZone: "Europe/Berlin",
      logLevel: "debug",
    });
  });

  it("is complained of all at once, each setting by its name", () => {
    const names = problemsOf({
      PROXMOX_URL: "pve1",
      TIMEZONE: "Mars",
      LOG_LEVEL: "loud",
      OPENAI_API_KEY_FILE: "/does/not/exist",
    }).map((problem) => problem.split(" ")[0]);

    expect(names).toEqual([
      "OPENAI_API_KEY_FILE",
      "PROXMOX_URL",
      "TIMEZONE",
      "LOG_LEVEL",
      "PROXMOX_TOKEN_ID",
      "PROXMOX_TOKEN_SECRET",
    ]);
  });
});

describe("what the command line decides", () => {
  it("is the sandbox beside a cluster, whose database it leaves alone", () => {
    const env = {
      ...cluster,
      PROXMOX_URL: "wrong",
      DATABASE_PATH: "/var/lib/real.db",
      CALENDAR_FEED: "/srv/www/real.ics",
      BACKUP_STORAGE: "nas",
    };

    expect(loadConfig(env, { sandbox: true })).toMatchObject({
      proxmox: { kind: "sandbox" },
      databasePath: "data/sandbox.db",
      calendar: { feedPath: "data/sandbox.ics" },
      deletions: { backupStorage: "backup-nfs" },
      warnings: [expect.stringContaining("the configured cluster and its database stay alone")],
    });
    expect(loadConfig({ DATABASE_PATH: "a.db" }, { sandbox: true })).toMatchObject({
      databasePath: "a.db",
      warnings: [],
    });
  });

  it("is how much is logged", () => {
    expect(loadConfig({ LOG_LEVEL: "debug" }, { logLevel: "error" }).logLevel).toBe("error");
  });
});
