/** TAP devices: links whose packets a program reads and writes. See tuntap.rst of the kernel. */
import { O_RDWR } from "./constants.ts";
import { checked } from "./errors.ts";
import { close, open } from "./files.ts";
import { libc } from "./library.ts";
import { cstring } from "./text.ts";

const CLONE_DEVICE = "/dev/net/tun";
// linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;

/**
 * Makes a TAP device in the namespace of the calling thread. It ends when the descriptor is closed. Needs
 * CAP_NET_ADMIN.
 *
 * @param name 1 to 15 bytes.
 * @throws {SyscallError} `ENOENT`, `ENODEV`: there is no `/dev/net/tun`, or no driver behind it. `EPERM`.
 */
export function openTap(name: string): number {
  const request = new Uint8Array(40); // struct ifreq: name 16, flags 2
  request.set(cstring(name).subarray(0, 15));
  new DataView(request.buffer).setUint16(16, IFF_TAP | IFF_NO_PI, true);
  const fd = open(CLONE_DEVICE, O_RDWR);
  try {
    const { functions, errno } = libc();
    checked("ioctl", functions.ioctl(fd, TUNSETIFF, request), errno[0], CLONE_DEVICE);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
