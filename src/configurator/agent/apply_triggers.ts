/** What makes the agent apply again besides a new configuration: events of containers, names and the kernel. */
import { InvalidNamespaceError, SyscallError } from "../../errors.ts";
import type { NetworkConfig } from "../../models/config.ts";
import { filterNamespaces } from "../../models/filters.ts";
import { birthNamespaces, InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import { namespaceOfEntry, sysctlsOfEntry } from "../../models/sysctls.ts";
import { watchNamedNamespaces } from "../../named/watch.ts";
import { type Namespace, namespaceKey } from "../../namespace.ts";
import type { NsHandle } from "../../netns/handle.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { FORWARDING } from "../plan/uplinks.ts";
import { KernelWatch } from "./kernel_watch.ts";
import { NamespaceWatch } from "./namespace_watch.ts";
import { PolledWatch } from "./polled_watch.ts";
import { fileText, watchedFiles } from "./watched_files.ts";
import { sysctlsText, type WatchedSysctls } from "./watched_sysctls.ts";
import { type WatchedWireguard, wireguardText } from "./watched_wireguard.ts";

/** Follows containers, their runtime, names of namespaces, and what is in the namespaces of a configuration. */
export class ApplyTriggers implements AsyncDisposable {
  readonly #handler: NsHandler;
  readonly #netnsDir: string;
  readonly #kernel: KernelWatch;
  readonly #namespaces: NamespaceWatch;
  readonly #sysctls: PolledWatch<WatchedSysctls>;
  readonly #wireguards: PolledWatch<WatchedWireguard>;
  readonly #files: PolledWatch<string>;
  readonly #ended = new AbortController();
  readonly #streams: readonly Promise<void>[];

  /**
   * Calls `onChange` when something changed, which may be many things, with where: the same text for the same place.
   * It is undefined for what must never wait: containers, processes, and files of namespaces, that come or go.
   *
   * @param netnsDir The directory of named namespaces.
   * @param onError Called if a source of events ends with an error.
   */
  constructor(
    handler: NsHandler,
    netnsDir: string,
    onChange: (source: string | undefined) => void,
    onError: (error: unknown) => void,
  ) {
    this.#handler = handler;
    this.#netnsDir = netnsDir;
    this.#kernel = new KernelWatch((inode) => onChange(`namespace ${inode}`));
    this.#namespaces = new NamespaceWatch((ns) => this.#inodeOf(ns), () => onChange(undefined));
    const inside =
      <T extends { readonly namespace: Namespace | undefined }>(read: (handle: NsHandle, watched: T) => string) =>
      (watched: T): string => {
        using handle = this.#openIfExists(watched.namespace);
        return handle === undefined ? "" : read(handle, watched);
      };
    const ofNamespace = (what: string) => ({ namespace }: { readonly namespace: Namespace | undefined }): void => (
      onChange(`${what} of ${namespaceKey(namespace)}`)
    );
    this.#sysctls = new PolledWatch(inside(sysctlsText), ofNamespace("sysctls"));
    this.#wireguards = new PolledWatch(inside(wireguardText), ofNamespace("wireguard"));
    this.#files = new PolledWatch(fileText, (path) => onChange(`file ${path}`));
    const follow = async <T>(open: () => AsyncIterable<T>, sourceOf?: (event: T) => string): Promise<void> => {
      try {
        for await (const event of open()) onChange(sourceOf?.(event));
      } catch (error) {
        onError(error);
      }
    };
    const { signal } = this.#ended;
    this.#streams = [
      follow(() => handler.containerEvents({ signal })),
      follow(() => handler.containerRuntimeStates({ signal })), // the reason of what waits for a container depends on it
      follow(() => watchNamedNamespaces({ signal, netnsDir }), ({ name }) => `name ${name}`),
    ];
  }

  /** Follows those namespaces of `config` that exist, and no others. */
  follow(config: NetworkConfig): void {
    const namespaces = namespacesOf(config);
    this.#namespaces.follow(namespaces);
    const sysctls: WatchedSysctls[] = config.namespaces.map((entry) => (
      { namespace: namespaceOfEntry(entry), keys: sysctlsOfEntry(entry).map(({ key }) => key) }
    ));
    if (config.uplinks !== undefined) sysctls.push({ namespace: undefined, keys: [FORWARDING] });
    this.#sysctls.follow(sysctls.filter(({ keys }) => keys.length > 0));
    this.#wireguards.follow(
      config.interfaces.filter(({ wireguard }) => wireguard !== undefined)
        .map((one) => ({ namespace: namespaceOfItem(one), name: one.hostIfName })),
    );
    this.#files.follow(watchedFiles(config));
    const handles: NsHandle[] = [];
    try {
      for (const ns of namespaces) {
        const handle = this.#openIfExists(ns);
        if (handle !== undefined) handles.push(handle);
      }
      const { nat, forwards, firewall, uplinks } = config;
      const tables = [nat, forwards, firewall, uplinks].some((one) => one !== undefined);
      const qdiscs = config.interfaces.some(({ impair }) => impair !== undefined);
      this.#kernel.follow(handles, {
        // The entries of a VXLAN are neighbours too, of the family of bridges.
        neighbours: config.arpEntries.length > 0 || config.interfaces.some(({ vxlan }) => vxlan?.entries !== undefined),
        qdiscs,
        tables,
        rules: config.rules !== undefined,
      });
    } finally {
      for (const handle of handles) handle.close();
    }
  }

  /** Ends every trigger. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kernel[Symbol.dispose]();
    this.#namespaces[Symbol.dispose]();
    this.#sysctls[Symbol.dispose]();
    this.#wireguards[Symbol.dispose]();
    this.#files[Symbol.dispose]();
    this.#ended.abort();
    await Promise.all(this.#streams);
  }

  /** Which namespace it is, if it exists. */
  #inodeOf(ns: Namespace): bigint | undefined {
    using handle = this.#openIfExists(ns);
    return handle?.inode;
  }

  /** Opens a namespace; one that does not exist is not made. */
  #openIfExists(ns: Namespace | undefined): NsHandle | undefined {
    try {
      return this.#handler.openIfThere(ns, { netnsDir: this.#netnsDir });
    } catch (error) {
      if (error instanceof InvalidNamespaceError || error instanceof SyscallError) return undefined; // apply says why
      throw error;
    }
  }
}

/** The namespaces of the items of a configuration, and the default one, where TAPs appear. */
function namespacesOf(
  { namespaces, interfaces, arpEntries, routes, rules = [], ...filters }: NetworkConfig,
): (Namespace | undefined)[] {
  const found = [
    undefined,
    ...[...interfaces, ...arpEntries, ...routes, ...rules].map(namespaceOfItem),
    ...birthNamespaces(interfaces),
    ...namespaces.map(namespaceOfEntry),
    ...filterNamespaces(filters, new InterfaceIndex(interfaces)),
  ];
  return [...new Map(found.map((ns) => [namespaceKey(ns), ns])).values()];
}
