/** A key and its certificate, PEM; the certificate is its own CA. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate for the loopback addresses, as trustworthy as its receiver makes it. */
export async function createCertificate(): Promise<Certificate> {
  const { generate } = await import("selfsigned");
  const { private: key, cert } = await generate([{ name: "commonName", value: "pve1" }], {
    algorithm: "sha256",
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { key, cert };
}
