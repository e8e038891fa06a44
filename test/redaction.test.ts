import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, redacted, redactTexts } from "#src/redaction.ts";
import { escapeText } from "#src/slack/format/escape.ts";

const secret = "01234567-89ab-cdef-0123-456789abcdef";
const password = 'blue & <b>"horse"/battery+\\stäple 99';
const redact = createRedactor([secret, password]);

/** However many bytes stand before it, in the middle of something longer. */
const base64 = (before: string, alphabet: "base64" | "base64url" = "base64") =>
  Buffer.from(`${before}${secret}, and more`).toString(alphabet);

describe("an own secret", () => {
  it.each([
    ["as it is", secret],
    ["within a word", `x${secret}y`],
    ["in JSON", JSON.stringify({ deep: [password] })],
    ["in JSON within JSON", JSON.stringify(JSON.stringify({ secret }))],
    ["in a URL", `/x?y=${encodeURIComponent(password)}`],
    ["in base64", base64("")],
    ["in base64 after one byte", base64("x")],
    ["in base64 after two bytes", base64("xy")],
    ["in base64 of the other alphabet", base64("§", "base64url")],
    ["cut off", `${secret.slice(0, 20)}…`],
    ["as Slack escapes a text", escapeText(password)],
    ["as Slack escapes it, in JSON", JSON.stringify(escapeText(password))],
    ["in a form", new URLSearchParams({ text: password }).toString()],
  ])("is taken out of a text %s", (_, text) => {
    const left = redact(`before ${text} after`);

    expect(left).toMatch(/^before .*‹secret›.* after$/);
    for (const piece of [secret.slice(0, 18), "horse", base64("").slice(4, 30)]) {
      expect(left).not.toContain(piece);
    }
  });

  it("is taken out wherever it stands, and nothing beside it", () => {
    expect(redact(`a ${secret} b ${secret}${secret} c`)).toBe(
      `a ${redacted} b ${redacted}${redacted} c`,
    );
  });

  it("is known by every line, where it is a key", () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const lines = pem.trim().split("\n").slice(1, -1);
    const known = createRedactor([pem]);

    expect(lines.map(known)).toEqual(lines.map(() => redacted));
  });

  it.each(["ollama", "test-key", "lm-studio", "none", "sk-no-key-required"])(
    "is none where it may be a word of people: %s",
    (word) => {
      expect(createRedactor([word])(`start ${word} on pve1`)).toBe(`start ${word} on pve1`);
    },
  );
});

describe("a secret of somebody's", () => {
  const random = "Zm9v1YmFyQmF6cXV4MDE";

  it.each([
    ["a Slack token", "the key xoxb-1234-5678-abc is mine", "the key ‹secret› is mine"],
    ["a Slack app token", "xapp-1-A0-99-ff.", "‹secret›."],
    ["a token that Slack renews", "xoxe.xoxp-1-Mi0yLTE5 x", "xoxe.‹secret› x"],
    ["a session of Slack's", `d=xoxd-${random}%2Bab%3D;`, "d=‹secret›;"],
    ["one on a line of its own in JSON", '"it is\\nxoxb-1234-5678-abc"', '"it is\\n‹secret›"'],
    ["a key of OpenAI's", `use sk-proj-${random}_-x!`, "use ‹secret›!"],
    ["an old key of OpenAI's", `use sk-${random}!`, "use ‹secret›!"],
    ["a key of OpenAI's likes", `use sk-${"0f".repeat(16)}!`, "use ‹secret›!"],
    ["a token of Proxmox's", `PVEAPIToken=a@pve!b=${random} ok`, "PVEAPIToken=a@pve!b=‹secret› ok"],
    ["a ticket of Proxmox's", `PVE:root@pam:6560A1B2::${random}==`, "‹secret›"],
    [
      "a password in an address",
      "https://root:hunter2@pve1:8006/",
      "https://root:‹secret›@pve1:8006/",
    ],
    ["an access token of Google's", `ya29.${random} x`, "‹secret› x"],
    ["an assertion", `eyJhbGciOiJSUzI1.eyJpc3MiOiJib3Q.${random}`, "‹secret›"],
    [
      "a private key",
      `a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n\n${random}\n-----END RSA PRIVATE KEY-----\nb`,
      "a\n‹secret›\nb",
    ],
    [
      "one right after a token",
      `xoxb-12-345678-----BEGIN PRIVATE KEY-----${random}`,
      "‹secret›‹secret›",
    ],
    [
      "one of two",
      `-----BEGIN PRIVATE KEY-----, -----END PRIVATE KEY-----, -----BEGIN PRIVATE KEY-----, "a"`,
      '‹secret›, ‹secret›, "a"',
    ],
    [
      "one whose end is in another value",
      '["-----BEGIN PRIVATE KEY-----\\n", "-----END PRIVATE KEY-----"]',
      '["‹secret›", "-----END PRIVATE KEY-----"]',
    ],
    ["the beginning of one", `-----BEGIN PRIVATE KEY-----\\n${random}`, "‹secret›"],
  ])("is taken out: %s", (_, text, left) => {
    expect(redact(text)).toBe(left);
  });
});

describe("everything else", () => {
  it.each([
    "shut down web-02 and delete test-runner on friday at 18:00",
    "UPID:pve1:00001234:00ABCDEF:6560A1B2:vzstart:101:agent@pve!main:",
    "agent@pve!main may not; agent-delete@pve!main may",
    "see https://pve1.example:8006/api2/json/nodes, or ask ops@example.com",
    "ssh://root@pve1, http://[::1]:11434/v1",
    "the guests sk-bratislava-web-server-01 and task-sk-kosice",
    "the guests xoxo-prod, xoxb-prod, xoxo-1-prod, xapp-server, xapp-1-server and sk-0123456789abcdef",
    "the guests sk-k8s-worker-node-0123456789abcdef and SK-Kosice-Web-Server-01",
    "<@U0ALICE> <!date^1700000000^{date} at {time}|Tue 10:00 UTC> <#C0PROXMOX|proxmox>",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "ticket=5 token=6 password=7 Bearer of bad news",
  ])("stays as it is: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("stays as it is, whatever it is", () => {
    const words = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.uuid(),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.emailAddress(),
      fc.base64String({ maxLength: 400 }),
      fc.domain(),
      fc.json(),
      fc.date({ noInvalidDate: true }).map(String),
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 6 }), (parts) => {
        const text = parts.join(" ");
        expect(redact(text)).toBe(text);
      }),
    );
  });
});

describe("redacting", () => {
  const pieces = fc.oneof(
    fc.constantFrom(secret, secret.slice(0, 25), password, password.slice(0, 20), redacted),
    fc.constantFrom("xoxb-1-", "sk-", "://", "a:", "@", "a@b!c=", "PVE:", "\\", '"', "\n", " "),
    fc.constantFrom("://u", ":p:q@x:0123ABCD::ab.PVE", "ya29.", "0aB".repeat(7), "xapp-1-A-1-"),
    fc.constantFrom("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "eyJ", "."),
    fc.string({ unit: "grapheme" }),
  );
  const texts = fc.array(pieces).map((parts) => parts.join(""));

  it("twice is redacting once", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(redact(redact(text))).toBe(redact(text));
      }),
    );
  });

  it("takes time in proportion to the text, whatever it is", () => {
    const filling = (piece: string, size = 256 * 1024) =>
      piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
    const timeOf = (text: string) => {
      const startedAt = performance.now();
      redact(text);
      return performance.now() - startedAt;
    };
    const plain = filling("ten words of people are no more than eleven !=:// xox. ");
    const enough = 30 * (Math.min(...Array.from({ length: 10 }, () => timeOf(plain))) + 1);
    const hostile = [
      ...["-----BEGIN PRIVATE KEY-----,", '-----BEGIN PRIVATE KEY-----"', "-----BEGIN "],
      ...["-----BEGIN PRIVATE KEY-----\\", "-----BEGIN PRIVATE KEY----- -----END ", "-----END "],
      ...["://a:", "://a:b@", "https://a:", "a:", "a@a!a=", "a@a!", "PVE:", "PVE:a@", "PVE:a@a:"],
      ...["sk-aaa-", " sk-aaa-aaa1", "xoxb-1-", "xapp-1-A-", "ya29.", "eyJaaaaaaaa.", " eyJ", "a"],
      ...[":p:q@x:0123ABCD::ab.PVE", "://PVE:p:q@x:0123ABCD::ab.", "\\", '"', secret.slice(0, 17)],
    ];
    const beginnings = ["", "://a:", "-----BEGIN PRIVATE KEY-----"];
    // A credential of each kind begins, and begins anew behind whatever may be in any of them.
    const begun = [
      ...["PVE:", "PVE:a@b", "PVE:a@b:0123ABCD::c", "a@b!c=", "a@b!c=ddd", "://a:", "://a:bb"],
      ...["ya29.", "ya29.aaaaaaaaaa", "eyJ", "eyJaaaaaaaa", "eyJaaaaaaaa.eyJaaaaaaaa", "xoxb-1-"],
      ...["xoxd-a", "xoxd-A", `xoxd-${"a".repeat(20)}`, "xapp-1-A-1", "xapp-1-A-1-a"],
      ...["sk-a", "sk-aA1", "sk-ant-", `sk-${"a".repeat(20)}`],
    ];
    const between = [..."+%._-=/:@!?,;~'<[é \\", "\\n"];
    const again = begun.flatMap((start) => between.map((sign) => filling(start + sign, 48 * 1024)));
    const texts = [
      ...hostile.flatMap((piece) => beginnings.map((start) => start + filling(piece))),
      ...again,
    ];

    // Once more, as a machine may have had other things to do.
    const isSlow = (text: string) => timeOf(text) > enough && timeOf(text) > enough;
    expect(texts.filter(isSlow).map((text) => text.slice(0, 80))).toEqual([]);
  });

  it("has room for the longest texts", () => {
    for (const piece of ["A", "A\\n", "A\n"]) {
      expect(redact(`-----BEGIN PRIVATE KEY-----${piece.repeat(5_000_000)}`)).toBe(redacted);
    }
  });

  it("leaves JSON what it was", () => {
    fc.assert(
      fc.property(fc.array(texts), (value) => {
        const left: unknown = JSON.parse(redact(JSON.stringify(value)));
        expect(left).toHaveLength(value.length);
        expect(JSON.stringify(left)).not.toContain(secret);
      }),
    );
  });

  it("goes as deep as there is plain data", () => {
    const at = new Date(0);
    const value = { text: secret, list: [{ text: `x ${secret}` }, 7, null, undefined], at };

    expect(redactTexts(value, redact)).toEqual({
      text: redacted,
      list: [{ text: `x ${redacted}` }, 7, null, undefined],
      at,
    });
  });
});
