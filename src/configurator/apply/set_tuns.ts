/** Makes and changes TUNs and TAPs: by an ioctl in their namespace, because rtnetlink makes none. */
import { setTunPersistent } from "../../../ffi/mod.ts";
import { createTun } from "../../netlink/link/tun.ts";
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Task } from "../plan/actions.ts";
import type { LinkCreation } from "../plan/link_creation.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";

/**
 * Makes a TUN or TAP. It stays only when it has its number and its address: until then it goes when this process ends, so
 * that a crash leaves nothing that no record names.
 */
export function makeTun({ links: [one], tun }: LinkCreation): void {
  if (one === undefined || tun === undefined) throw new TypeError("Cannot make no link: expected a TUN or TAP");
  const { link: { name, index, namespace, hardwareAddress }, address = hardwareAddress, mtu } = one;
  const { handle, netlink } = kernelNamespace(namespace);
  using device = handle.run(() => createTun({ ...tun, name, index, exclusive: true }));
  const ref = index === undefined ? { name: device.name } : { index };
  if (address !== undefined || mtu !== undefined) netlink.setLink(ref, { address, mtu });
  setTunPersistent(device.fd, true);
}

/** Carries `set-tun` out. The device must not be open, unless it can be opened several times. */
export function setTuns(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "set-tun") continue;
    const { link: { name, index, namespace }, flags, change, remains } = action;
    if (index === undefined) context.finish(task, new MissingError(`${name} in ${namespace.label} was not made`));
    else {
      attempt(task, context, () => {
        kernelNamespace(namespace).handle.run(() => createTun({ ...flags, ...change, name })).close();
        if (remains !== undefined) throw new Error(remains);
      });
    }
  }
}
