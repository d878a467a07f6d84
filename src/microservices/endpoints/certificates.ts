/** The certificates of TLS, in the files that `docker` reads them from. */
import { defined } from "../../collections.ts";
import type { Tls } from "./endpoint.ts";
import { readIfThere } from "./user_files.ts";

/**
 * Reads those of `ca.pem`, `cert.pem` and `key.pem` that a directory has.
 *
 * @param needed The files that must be there.
 * @throws {Error} One that is needed is missing, or one of `cert.pem` and `key.pem`.
 * @throws {SyscallError} One cannot be read.
 */
export function readCertificates(directory: string, verify: boolean, needed: readonly string[] = []): Tls {
  const file = (name: string): string | undefined => {
    const text = readIfThere(`${directory}/${name}`);
    if (text === undefined && needed.includes(name)) throw new Error(`there is no ${directory}/${name}`);
    return text;
  };
  const [ca, cert, key] = [file("ca.pem"), file("cert.pem"), file("key.pem")];
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error(`${directory} has ${cert === undefined ? "key.pem without cert.pem" : "cert.pem without key.pem"}`);
  }
  return { verify, ...defined({ ca, cert, key }) };
}
