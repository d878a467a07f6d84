/** Certificates for a service that wants to know its clients: made anew for each run by openssl(1). */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory with `ca.pem`; `server.pem` and `server-key.pem`; `cert.pem` and `key.pem` of a client. */
export interface Certificates extends Disposable {
  readonly dir: string;
  /** Has the authority sign `NAME.pem` of `key`, for so many days from now (-1 has expired), for `/CN=NAME`. */
  sign(name: string, key: string, extensions: string, days?: number, subject?: string): void;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Makes an authority, and by it a server at 127.0.0.1 and a client, for one day. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), "netns-tls-"));
  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync("openssl", args, { cwd: dir, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  };
  const signed = (name: string, key: string, extensions: string, days: number = 1, subject?: string): void => {
    writeFileSync(join(dir, "extensions"), extensions);
    openssl("req", ...NEW_KEY, "-keyout", key, "-out", "request", "-subj", subject ?? `/CN=${name}`);
    openssl(
      ...["x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"],
      ...["-days", `${days}`, "-extfile", "extensions", "-out", `${name}.pem`],
    );
  };
  try {
    openssl(
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      "ca-key.pem",
      "-out",
      "ca.pem",
      "-subj",
      "/CN=netns-ca",
      "-days",
      "1",
    );
    signed("server", "server-key.pem", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
    signed("cert", "key.pem", "extendedKeyUsage=clientAuth\n");
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  return { dir, sign: signed, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}
