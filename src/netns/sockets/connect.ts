/** TCP connections from a namespace. */
import type { Socket } from "node:net";
import { close } from "../../../ffi/mod.ts";
import { Limit } from "../../async/limit.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { lookup } from "../dns/lookup.ts";
import { adopt, connectDescriptor } from "./attempt.ts";
import { checkOptions, checkPort, checkText, checkTimeout } from "../checks.ts";
import { allFailed, connectTimeout } from "./failure.ts";
import { parseAddress, parseHost, type ScopedAddress } from "./open.ts";

/** Where to connect to, and how long to try. */
export interface ConnectOptions {
  /** An address, with its link if it is link-local (`"fe80::1%eth0"`), or a name that the namespace resolves. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** The address that the connection comes from. @default {what the routes of the namespace say} */
  readonly localAddress?: string | undefined;
  /** Ends the attempt with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, in milliseconds. @default {what the kernel waits, about two minutes} */
  readonly timeout?: number | undefined;
}

/** After how many milliseconds the next address of a host is tried beside those before it, as RFC 8305 has it. */
const NEXT_ATTEMPT = 250;

/**
 * Connects from a namespace.
 *
 * @throws {SocketFailure} As `node:net`. {@linkcode SyscallError}: the namespace cannot be entered.
 */
export async function connect(ns: Descriptor, options: ConnectOptions): Promise<Socket> {
  checkOptions(options);
  const { host, port, localAddress, timeout } = options;
  checkText(host, "options.host");
  if (localAddress !== undefined) checkText(localAddress, "options.localAddress");
  checkPort(port);
  checkTimeout(timeout);
  ns.checkOpen();
  const local = localAddress === undefined ? undefined : parseAddress(localAddress);
  using limit = new Limit(options.signal, timeout, () => connectTimeout({ address: host, port }));
  const { signal } = limit;
  const address = parseHost(host);
  if (address !== undefined) return await adopt(await connectDescriptor(ns, { address, port, local, signal }));
  const addresses = alternating(await lookup(ns, host, { family: local?.family, signal }));
  const [only, ...others] = addresses;
  return await adopt(
    only !== undefined && others.length === 0
      ? await connectDescriptor(ns, { address: only, port, local, signal })
      : await race(addresses, signal, (address, signal) => connectDescriptor(ns, { address, port, local, signal })),
  );
}

/** The addresses of the two families in turn, so that a family without a way costs one attempt. */
function alternating(addresses: readonly ScopedAddress[]): ScopedAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  return first.flatMap((address, i) => [address, ...second.slice(i, i + 1)]).concat(second.slice(first.length));
}

/** The first of the addresses to which one can connect: the next one begins when the last one failed or took long. */
function race(
  addresses: readonly ScopedAddress[],
  outer: AbortSignal | undefined,
  begin: (address: ScopedAddress, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const others = new AbortController();
    const errors: unknown[] = [];
    let [next, isOver] = [0, false];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (settle: () => void): void => {
      isOver = true;
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
      settle();
      others.abort();
    };
    const abort = (): void => end(() => reject(outer?.reason));
    const start = (): void => {
      clearTimeout(timer);
      const address = addresses[next++];
      if (address === undefined) return;
      timer = setTimeout(start, NEXT_ATTEMPT);
      begin(address, others.signal).then(
        (fd) => isOver ? close(fd) : end(() => resolve(fd)),
        (error) => {
          errors.push(error);
          if (isOver) return;
          if (errors.length === addresses.length) end(() => reject(allFailed(errors)));
          else start();
        },
      );
    };
    outer?.addEventListener("abort", abort);
    if (outer?.aborted) abort();
    else start();
  });
}
