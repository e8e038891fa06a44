import { generateKeyPairSync, randomUUID, verify } from "node:crypto";

/** A service account, and the tokens that Google has given it. */
export interface FakeServiceAccount {
  readonly email: string;
  /** The key file, as Google's console makes it. */
  readonly keyJson: string;
  /**
   * Answers the token endpoint.
   *
   * @throws Error whose message is OAuth's word for what is wrong.
   */
  exchange(form: URLSearchParams, now: number): { readonly access_token: string };
  /** Whether a header carries a token that counts. */
  isAuthorized(authorization: string | undefined): boolean;
  /** Makes every token that was handed out worthless. */
  revokeTokens(): void;
}

const scopes = [
  "https://www.googleapis.com/auth/calendar",
  "https://www.googleapis.com/auth/calendar.events",
];
const tolerance = 5 * 60_000;

/** Made once: a key takes a tenth of a second. */
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

export function createServiceAccount(): FakeServiceAccount {
  const email = "bot@project.iam.gserviceaccount.com";
  const tokens = new Set<string>();
  return {
    email,
    keyJson: JSON.stringify({
      type: "service_account",
      project_id: "project",
      client_email: email,
      private_key: keys.privateKey.export({ type: "pkcs8", format: "pem" }),
    }),
    exchange(form, now) {
      if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
        throw new Error("unsupported_grant_type");
      }
      checkAssertion(form.get("assertion") ?? "", email, now);
      const token = `ya29.${randomUUID()}`;
      tokens.add(token);
      return { access_token: token, expires_in: 3599, token_type: "Bearer" } as const;
    },
    isAuthorized: (authorization) => tokens.has(authorization?.replace(/^Bearer /, "") ?? ""),
    revokeTokens: () => tokens.clear(),
  };
}

function checkAssertion(assertion: string, email: string, now: number): void {
  const [header = "", payload = "", signature = ""] = assertion.split(".");
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify("RSA-SHA256", signed, keys.publicKey, Buffer.from(signature, "base64url"))) {
    throw new Error("invalid_grant");
  }
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  if (claims.iss !== email) throw new Error("invalid_grant");
  if (claims.aud !== "https://oauth2.googleapis.com/token") throw new Error("invalid_grant");
  if (Math.abs(claims.iat * 1_000 - now) > tolerance) throw new Error("invalid_grant");
  if (!scopes.includes(claims.scope)) throw new Error("invalid_scope");
}
