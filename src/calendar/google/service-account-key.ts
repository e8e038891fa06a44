import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { PublicError } from "#src/errors.ts";

/** Who we are to Google, and the secret that proves it. */
export interface ServiceAccountKey {
  readonly clientEmail: string;
  /** PEM. */
  readonly privateKey: string;
}

const keyFile = z.object({ client_email: z.string().min(3), private_key: z.string() });

/**
 * Reads the JSON that Google's console hands out for a service account.
 *
 * @throws PublicError that shows nothing of the text: all of it may be the secret.
 */
export function readServiceAccountKey(json: string): ServiceAccountKey {
  const parsed = keyFile.safeParse(parseJson(json));
  if (!parsed.success || !isPrivateKey(parsed.data.private_key)) {
    throw new PublicError(
      "The key of the Google service account cannot be read: it has to be the whole JSON file that the Google Cloud console made for the service account, with client_email and private_key as they are.",
    );
  }
  const { client_email: clientEmail, private_key: privateKey } = parsed.data;
  return { clientEmail, privateKey };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}
