/** TUN and TAP devices: links whose packets a program reads and writes. See tuntap.rst of the kernel, linux/if_tun.h. */
import { IFNAMSIZ, IFREQ, O_RDWR } from "./constants.ts";
import { checked } from "./errors.ts";
import { close, open } from "./files.ts";
import { libc } from "./library.ts";
import { bytesOfName, nameOfBytes } from "./raw_names.ts";

const CLONE_DEVICE = "/dev/net/tun";
const TUNSETIFF = 0x400454ca;
const TUNSETIFINDEX = 0x400454da;
const TUNSETPERSIST = 0x400454cb;
const TUNSETOWNER = 0x400454cc;
const TUNSETGROUP = 0x400454ce;

// IFF_…: what packets have, and what is before them.
export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_MULTI_QUEUE = 0x0100;
export const IFF_NO_PI = 0x1000;
export const IFF_VNET_HDR = 0x4000;
/** The device must not exist yet. */
export const IFF_TUN_EXCL = 0x8000;

/** A TUN or TAP device that is open. */
export interface OpenTun {
  /** Its descriptor: a read(2) is a packet that came, a write(2) is one that goes. */
  readonly fd: number;
  /** Its name, which the kernel may have completed. */
  readonly name: string;
}

/**
 * Makes a TUN or TAP device in the namespace of the calling thread, or opens a persistent one. Unless it is persistent, it
 * ends when the descriptor is closed. Needs CAP_NET_ADMIN.
 *
 * @param name 1 to 15 bytes; the kernel replaces `%d` by a number.
 * @param flags IFF_TUN or IFF_TAP, and other IFF_….
 * @param index The number of the link that is made; absent: the kernel chooses.
 * @throws {SyscallError} `ENOENT`, `ENODEV`: there is no `/dev/net/tun`, or no driver behind it. `EPERM`. `EBUSY`: taken.
 */
export function openTun(name: string, flags: number, index?: number): OpenTun {
  const request = new Uint8Array(IFREQ);
  request.set(bytesOfName(name).subarray(0, IFNAMSIZ - 1));
  new DataView(request.buffer).setUint16(IFNAMSIZ, flags, true);
  const fd = open(CLONE_DEVICE, O_RDWR);
  try {
    const { functions, errno } = libc();
    if (index !== undefined) {
      const wanted = new Uint8Array(Int32Array.of(index).buffer);
      checked(
        "ioctl",
        functions.ioctl(fd, TUNSETIFINDEX, wanted),
        errno[0],
        `${CLONE_DEVICE} (TUNSETIFINDEX ${index})`,
      );
    }
    checked("ioctl", functions.ioctl(fd, TUNSETIFF, request), errno[0], `${CLONE_DEVICE} (TUNSETIFF ${name})`);
    const end = request.indexOf(0);
    return { fd, name: nameOfBytes(request.subarray(0, end < 0 ? IFNAMSIZ : Math.min(end, IFNAMSIZ))) };
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** {@linkcode openTun} of a TAP device without packet information; gives its descriptor. */
export function openTap(name: string): number {
  return openTun(name, IFF_TAP | IFF_NO_PI).fd;
}

/**
 * Keeps a TUN or TAP device when its descriptor is closed, or lets it end with that.
 *
 * @throws {SyscallError} `EBADFD`: the descriptor is no such device.
 */
export function setTunPersistent(fd: number, persistent: boolean): void {
  set("TUNSETPERSIST", TUNSETPERSIST, fd, persistent ? 1 : 0);
}

/**
 * Says who may open a TUN or TAP device without CAP_NET_ADMIN.
 *
 * @param user A user id.
 * @throws {SyscallError} `EINVAL`: the user does not exist in the user namespace.
 */
export function setTunOwner(fd: number, user: number): void {
  set("TUNSETOWNER", TUNSETOWNER, fd, user);
}

/**
 * Says which group may open a TUN or TAP device without CAP_NET_ADMIN.
 *
 * @param group A group id.
 * @throws {SyscallError} `EINVAL`: the group does not exist in the user namespace.
 */
export function setTunGroup(fd: number, group: number): void {
  set("TUNSETGROUP", TUNSETGROUP, fd, group);
}

function set(name: string, request: number, fd: number, value: number): void {
  const { functions, errno } = libc();
  checked("ioctl", functions.ioctlNumber(fd, request, value), errno[0], `${CLONE_DEVICE} (${name} ${value})`);
}
