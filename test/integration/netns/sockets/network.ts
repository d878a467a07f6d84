/** Namespaces that look alike: whoever answers must say which one it is in. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { NsHandle } from "@netns/netns";

/** The same addresses everywhere, at home too. */
export interface LookAlikes extends Disposable {
  readonly home: NsHandle;
  readonly blue: NsHandle;
  readonly green: NsHandle;
  /** All three, with their names. */
  readonly all: readonly (readonly [name: string, ns: NsHandle])[];
}

/** Two namespaces in which `lo` is up, beside the home of this thread. */
export function lookAlikes(): LookAlikes {
  const [home, blue, green] = [NsHandle.home(), NsHandle.create(), NsHandle.create()];
  for (const ns of [blue, green]) {
    using netlink = ns.netlink();
    netlink.setLink({ name: "lo" }, { up: true });
  }
  return {
    ...{ home, blue, green },
    all: Object.entries({ home, blue, green }),
    [Symbol.dispose](): void {
      for (const ns of [home, blue, green]) ns.close();
    },
  };
}

/** A server that says a word to everyone. */
export const saying = (word: string): Server => createServer((socket) => socket.on("error", () => undefined).end(word));

/** A server in each namespace, at the same port of 127.0.0.1, that says the name of the namespace. */
export async function serversIn({ all }: LookAlikes): Promise<{ readonly port: number } & AsyncDisposable> {
  const servers: Server[] = [];
  let port = 0; // home says which one is free there
  for (const [name, ns] of all) {
    const server = await ns.listen(saying(name), { host: "127.0.0.1", port });
    servers.push(server);
    port = portOf(server);
  }
  return {
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const server of servers) await closed(server);
    },
  };
}

/** Connects once. What a runtime opens for its first server and its first connection stays open. */
export async function firstConnection(): Promise<void> {
  using networks = lookAlikes();
  await using servers = await serversIn(networks);
  await said(await networks.blue.connect({ host: "127.0.0.1", port: servers.port }));
}

/** The port at which a server listens. */
export const portOf = (server: Server): number => (server.address() as AddressInfo).port; // it is bound to no path

/** Ends a server, and the connections that it still has. */
export const closed = (server: Server): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));

/** What is sent until the other side ends the connection. */
export function said(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (data) => text += data).on("error", reject).on("close", () => resolve(text));
  });
}
