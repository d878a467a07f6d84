/** The cluster that `netns agent --etcd` follows. */
import process from "node:process";
import type { NamespaceKind } from "../etcd/allowed_namespaces.ts";
import { confOfEnvironment, type EtcdConf, type EtcdEnvironment, parseEtcdConf } from "../etcd/etcd_conf.ts";
import { isLabel, LABEL } from "../etcd/keys.ts";
import { UsageError } from "./errors.ts";
import { readFileText } from "./file_text.ts";

/** The options that need `--etcd`. */
export interface EtcdCommandOptions {
  /** The path of etcd.conf; true: as the environment says. */
  readonly etcd?: string | true;
  /** Whose keys. */
  readonly label?: string;
  /** Which layouts. */
  readonly layout?: "v1" | "v2" | "both";
  /** Write statuses. */
  readonly status?: boolean;
  /** The kinds of namespaces that keys may name. */
  readonly allowNamespaces?: readonly NamespaceKind[];
  /** Believe an empty list. */
  readonly acceptEmpty?: boolean;
}

/** The options by their names on the command line. */
const NEED_ETCD = {
  label: "--label",
  layout: "--layout",
  status: "--status",
  allowNamespaces: "--allow-namespaces",
  acceptEmpty: "--accept-empty",
} as const;

/** What of the options says which keys of which cluster. */
export interface EtcdTarget {
  /** Whose keys. */
  readonly label: string;
  /** How the cluster is reached. */
  readonly conf: EtcdConf;
}

/**
 * The cluster and the label that the options name.
 *
 * @throws {UsageError} There is no label, or no such file.
 * @throws {ConfigError} The file has faults.
 */
export async function etcdTarget(
  { etcd, label: given }: EtcdCommandOptions,
  env: EtcdEnvironment = process.env,
): Promise<EtcdTarget> {
  const label = given ?? env["MICROSERVICE_LABEL"];
  if (label === undefined || label === "") {
    throw new UsageError("Say whose keys: with --label, or MICROSERVICE_LABEL in the environment");
  }
  if (!isLabel(label)) throw new UsageError(`Cannot use ${JSON.stringify(label)} as a label: expected ${LABEL}`);
  const path = typeof etcd === "string" ? etcd : env["ETCD_CONFIG"];
  if (path === undefined || path === "") return { label, conf: confOfEnvironment(env) };
  const { text } = await readFileText(path);
  return { label, conf: parseEtcdConf(text, path, env) };
}

/** @throws {UsageError} An option that needs `--etcd` is there without it. */
export function refuseEtcdOptions(options: EtcdCommandOptions): void {
  for (const [name, flag] of Object.entries(NEED_ETCD)) {
    if (Reflect.get(options, name) !== undefined) throw new UsageError(`${flag} needs --etcd`);
  }
}
