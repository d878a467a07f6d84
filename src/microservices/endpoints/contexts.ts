/** The contexts of `docker`: named endpoints in files of the user. See docker-context(1). */
import * as v from "npm:valibot@1.5.0";
import { reasonOf } from "../../errors.ts";
import { log } from "../log.ts";
import { readCertificates } from "./certificates.ts";
import type { Tls } from "./endpoint.ts";
import { readIfThere } from "./user_files.ts";

/** The value of an environment variable. */
export type Variable = (name: string) => string | undefined;

/** The name that stands for no context. */
const NO_CONTEXT = "default";

const configFile = v.object({ currentContext: v.optional(v.string(), "") });
const contextFile = v.object({
  Endpoints: v.object({
    docker: v.object({ Host: v.optional(v.string(), ""), SkipTLSVerify: v.optional(v.boolean(), false) }),
  }),
});

/** What a context says of its endpoint. */
export interface Context {
  /** Its address; empty is the usual one. */
  readonly host: string;
  readonly tls: Tls | undefined;
}

/** The directory of the user's configuration of `docker`; undefined without a home. */
export function configDirectory(variable: Variable): string | undefined {
  const given = variable("DOCKER_CONFIG");
  if (given !== undefined && given !== "") return given;
  const home = variable("HOME");
  return home === undefined || home === "" ? undefined : `${home}/.docker`;
}

/** The name of the chosen context: of `DOCKER_CONTEXT`, else of `docker context use`; undefined if there is none. */
export function chosenContext(variable: Variable): string | undefined {
  const name = variable("DOCKER_CONTEXT") || currentContext(configDirectory(variable));
  return name === "" || name === NO_CONTEXT ? undefined : name;
}

/** As `docker`, this logs that a configuration cannot be read, and goes on without it. */
function currentContext(directory: string | undefined): string {
  const path = `${directory}/config.json`;
  try {
    const text = directory === undefined ? undefined : readIfThere(path);
    return text === undefined ? "" : v.parse(configFile, JSON.parse(text)).currentContext;
  } catch (error) {
    log().warn("Cannot read {path}, and go on without: {reason}", { path, reason: reasonOf(error) });
    return "";
  }
}

/**
 * What a context says.
 *
 * @throws {Error} There is no context of this name, or its files cannot be used.
 */
export async function readContext(name: string, variable: Variable): Promise<Context> {
  const directory = `${configDirectory(variable) ?? ""}/contexts`;
  const id = await sha256(name);
  const path = `${directory}/meta/${id}/meta.json`;
  const text = readIfThere(path);
  if (text === undefined) throw new Error("there is no such context; docker context ls shows those there are");
  const { Host, SkipTLSVerify } = endpointIn(text, path);
  const tls = readCertificates(`${directory}/tls/${id}/docker`, !SkipTLSVerify);
  return { host: Host, tls: SkipTLSVerify || tls.ca !== undefined || tls.cert !== undefined ? tls : undefined };
}

function endpointIn(text: string, path: string): { readonly Host: string; readonly SkipTLSVerify: boolean } {
  try {
    return v.parse(contextFile, JSON.parse(text)).Endpoints.docker;
  } catch (error) {
    throw new Error(`${path} is not the file of a context: ${reasonOf(error)}`, { cause: error });
  }
}

/** The name of a context's directory. Loading node:crypto would slow every start of the program down. */
async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
