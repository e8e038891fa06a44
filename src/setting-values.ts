import { z } from "zod";

/** The parts between commas. */
export function splitList(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

/** An endpoint as its origin; what people copy from the documentation may end in a path. */
export function endpoint() {
  return z.string().transform((text, context) => {
    const url = URL.parse(text);
    if (url && isEndpoint(url)) return url.origin;
    context.addIssue({ code: "custom" });
    return z.NEVER;
  });
}

function isEndpoint(url: URL): boolean {
  return mayCarrySecrets(url) && /^\/(api2\/json\/?)?$/.test(url.pathname);
}

/** Whether what is sent there stays secret, and whether the address itself holds nothing else. */
function mayCarrySecrets({ protocol, hostname, username, search, hash }: URL): boolean {
  const onThisMachine = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return (
    (protocol === "https:" || (protocol === "http:" && onThisMachine)) &&
    username + search + hash === ""
  );
}

/** Where a vendor's own server is stood in for. */
export function vendorAddress() {
  return z.string().refine((text) => {
    const url = URL.parse(text);
    return url !== null && mayCarrySecrets(url);
  });
}

/** For an address to which names are appended. */
export function withSlash(text: string): string {
  return `${text.replace(/\/+$/, "")}/`;
}

/** As Google's console hands it out; that of an OAuth client is another kind of file. */
export function serviceAccountKey() {
  return z.string().refine((text) => privateKeyIn(text) !== undefined);
}

/** What is secret in the key of a service account; nothing where the text is no such key. */
export function privateKeyIn(text: string): string | undefined {
  const key = z.object({
    type: z.literal("service_account"),
    client_email: z.string(),
    private_key: z.string(),
  });
  try {
    return key.safeParse(JSON.parse(text)).data?.private_key;
  } catch {
    return undefined;
  }
}

/** As Proxmox names API tokens. */
export function tokenId() {
  return z.stringFormat("token id", /^[^\s@!=]+@[\w.-]+![\w.-]+$/);
}

/** As Proxmox names storages. */
export function storageId() {
  return z.string().regex(/^[a-z][\w.-]*[a-z\d]$/i);
}

/** A token of Slack, of the kind that it begins with. */
export function slackToken(kind: "xoxb" | "xapp") {
  return z.stringFormat(kind, new RegExp(`^${kind}-[\\w-]+$`));
}

/** The server's address without a slash at its end, to which paths are appended. */
export function baseUrl() {
  return z
    .url({ protocol: /^https?$/ })
    .refine((text) => !URL.parse(text)?.username)
    .transform((text) => text.replace(/\/+$/, ""));
}

/** What fits into an HTTP header: a line break within a key would end it. */
export function headerText() {
  return z.string().regex(/^[\x21-\x7e]+$/);
}

/** A fingerprint without colons, in lower case. */
export function toHex(text: string): string {
  return text.replaceAll(":", "").toLowerCase();
}

/** 32 bytes in hexadecimal. */
export function sha256() {
  return z.string().regex(/^[0-9a-f]{64}$/);
}

/** Of a text; both ends included. */
export function wholeNumber(min: number, max: number) {
  return z.coerce.number().int().min(min).max(max);
}
