/** What this process says to systemd, if that started it. See sd_notify(3), systemd.service(5). */
import process from "node:process";
import {
  AF_UNIX,
  bytesOfName,
  close,
  connect,
  environmentVariable,
  MSG_DONTWAIT,
  send,
  setEnvironmentVariable,
  SOCK_DGRAM,
  socket,
} from "../../ffi/mod.ts";

/** The service manager that waits for messages of this process. */
export interface ServiceManager extends Disposable {
  /**
   * Tells it the state of the service, as lines of sd_notify(3): `READY=1`, `STATUS=…`. A manager that does not listen is
   * not waited for.
   */
  notify(...lines: readonly string[]): void;
}

/** The largest path of a unix socket. */
const PATH_MAX = 107;

/**
 * The manager that `NOTIFY_SOCKET` names; undefined if there is none. It gets a sign of life as often as `WATCHDOG_USEC`
 * asks for, from the event loop. Programs that are started do not see the variables.
 */
export function serviceManager(): ServiceManager | undefined {
  const path = taken("NOTIFY_SOCKET");
  const [period, watched] = [Number(taken("WATCHDOG_USEC")), taken("WATCHDOG_PID")];
  if (path === undefined || !/^[/@]/.test(path)) return undefined;
  const notify = (...lines: readonly string[]): void => sendState(path, lines.join("\n"));
  const isWatched = period > 0 && (watched === undefined || Number(watched) === process.pid);
  const timer = isWatched ? setInterval(() => notify("WATCHDOG=1"), period / 2000) : undefined;
  return { notify, [Symbol.dispose]: () => clearInterval(timer) };
}

function taken(name: string): string | undefined {
  const value = environmentVariable(name);
  if (value === undefined) return undefined;
  setEnvironmentVariable(name, undefined);
  delete process.env[name];
  return value;
}

function sendState(path: string, text: string): void {
  const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  try {
    connect(fd, addressOf(path));
    send(fd, new TextEncoder().encode(text), MSG_DONTWAIT);
  } catch {
    // A manager that is gone, or does not read, changes nothing of the work.
  } finally {
    close(fd);
  }
}

/** `@` at the start stands for NUL: a socket without a file. See unix(7). */
function addressOf(path: string): Uint8Array<ArrayBuffer> {
  const name = bytesOfName(path).subarray(0, PATH_MAX);
  const address = new Uint8Array(2 + name.length + (path.startsWith("@") ? 0 : 1)); // struct sockaddr_un
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  if (path.startsWith("@")) address[2] = 0;
  return address;
}
