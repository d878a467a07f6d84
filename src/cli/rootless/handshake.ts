/** How the process inside and the one outside begin together: over a socket pair that the command does not get. */
import { close, dieWithParent, read, writeAll } from "../../../ffi/mod.ts";
import { pause } from "../../async/pause.ts";
import { Netlink } from "../../netlink/netlink.ts";

/** The descriptor of the process inside that leads to the one outside. */
export const HANDSHAKE = 3;
/** The name server that pasta and slirp4netns have inside. */
export const NAMESERVER = "10.0.2.3";

const UPLINK_WAIT = 10_000;
const UPLINK_PAUSE = 5;

/**
 * Says that the namespaces are there, and waits until what is outside is there too. From here on this process ends with
 * the one outside.
 *
 * @throws {Error} The one outside has ended, or there is no way out after ten seconds.
 */
export async function waitForSupervisor(hasUplink: boolean): Promise<void> {
  dieWithParent();
  writeAll(HANDSHAKE, new TextEncoder().encode("ready\n"));
  if (read(HANDSHAKE, new Uint8Array(1)) === 0) throw new Error("The process outside has ended");
  close(HANDSHAKE);
  if (hasUplink) await waitForRoute();
}

async function waitForRoute(): Promise<void> {
  using netlink = Netlink.open();
  const end = performance.now() + UPLINK_WAIT;
  const isOut = (): boolean => netlink.listRoutes().some(({ dst }) => dst === "0.0.0.0/0" || dst === "::/0");
  while (!isOut()) {
    if (performance.now() >= end) throw new Error(`There is no way out after ${UPLINK_WAIT / 1000} s`);
    await pause(UPLINK_PAUSE);
  }
}
