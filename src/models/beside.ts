/** What a file names by relative paths: it lies beside that file, and its path is absolute from where the file is read. */
import { readlink } from "../../ffi/mod.ts";
import { defined } from "../collections.ts";
import { fileNs, type Namespace, namespaceToString } from "../namespace.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import type { NamespaceFields } from "./namespace_message.ts";
import { namespaceOfEntry, type NamespaceWithSysctls } from "./sysctls.ts";

/** Where a file is, for what it names by relative paths. */
export class Beside {
  /** The folder with a slash at its end; empty: the working folder. */
  readonly #folder: string;

  /** Of a text that comes from no file, relative paths are relative to the working folder. */
  constructor(file: string | null | undefined) {
    this.#folder = file?.slice(0, file.lastIndexOf("/") + 1) ?? "";
  }

  /**
   * An item whose namespace, if that is named by a file, has an absolute path.
   *
   * @throws {InvalidNamespaceError} The path is too long.
   */
  located<T extends { readonly namespace?: NamespaceFields }>(item: T): T {
    const { namespace } = item;
    return isRelative(namespace) ? { ...item, namespace: this.#absolute(namespace) } : item;
  }

  /**
   * {@linkcode Beside.located} of an entry of `namespaces`.
   *
   * @throws {InvalidNamespaceError} The path is too long.
   */
  entry(entry: string | NamespaceWithSysctls): string | NamespaceWithSysctls {
    const ns = typeof entry === "string" ? undefined : namespaceOfEntry(entry);
    if (typeof entry === "string" || ns?.type !== "file") return entry;
    return { ...entry, name: namespaceToString(fileNs(this.path(ns.path))) };
  }

  /**
   * {@linkcode Beside.located} of an interface, whose keys may be in files, too.
   *
   * @throws {InvalidNamespaceError} The path is too long.
   */
  interface(given: LinuxInterface): LinuxInterface {
    const one = this.located(given);
    if (one.wireguard === undefined) return one;
    const key = (file: string): string => file.startsWith("/") ? file : this.#folder + file;
    const { privateKeyFile, birthNamespace, peers, ...rest } = one.wireguard;
    const wireguard = defined({
      ...rest,
      birthNamespace: isRelative(birthNamespace) ? this.#absolute(birthNamespace) : birthNamespace,
      privateKeyFile: privateKeyFile === undefined ? undefined : key(privateKeyFile),
      peers: peers?.map(({ presharedKeyFile, ...peer }) => (
        presharedKeyFile === undefined ? peer : { ...peer, presharedKeyFile: key(presharedKeyFile) }
      )),
    });
    return { ...one, wireguard };
  }

  #absolute<T extends NamespaceFields>(namespace: T): T {
    return { ...namespace, filepath: fileNs(this.path(namespace.filepath ?? "")).path };
  }

  /** A path as it is absolute. */
  path(path: string): string {
    if (path.startsWith("/")) return path;
    const folder = this.#folder.startsWith("/") ? this.#folder : `${workingFolder()}${this.#folder}`;
    return folder + path.replace(/^(\.\/+)+/, ""); // another dot may come after a symbolic link
  }
}

/**
 * A namespace that a command line names, with an absolute path: for what is written into a file.
 *
 * @throws {InvalidNamespaceError} The path is too long.
 */
export function absoluteNamespace(ns: Namespace): Namespace {
  return ns.type === "file" ? fileNs(new Beside(undefined).path(ns.path)) : ns;
}

const isRelative = <T extends NamespaceFields>(namespace: T | undefined): namespace is T =>
  namespace?.filepath !== undefined && namespace.filepath !== "" && !namespace.filepath.startsWith("/");

/** As the kernel has it: Deno's own wants a permission, which only a relative path is to need. */
const workingFolder = (): string => `${readlink("/proc/self/cwd").replace(/\/$/, "")}/`;
