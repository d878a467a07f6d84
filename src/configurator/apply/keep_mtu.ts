/** The MTU of a bridge: set so that the kernel keeps it, whatever its ports have. */
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { LinkCreation } from "../plan/link_creation.ts";

/** ETH_MAX_MTU of linux/if_ether.h. */
const ETH_MAX_MTU = 65_535;

/** The MTU that a bridge has for a moment: the kernel keeps one that was changed, and not one that is set as it is. */
export const besideMtu = (mtu: number): number => mtu < ETH_MAX_MTU ? mtu + 1 : mtu - 1;

/** Sets {@linkcode LinkCreation.keptMtu}. */
export function keepMtu({ links: [one], keptMtu }: LinkCreation): void {
  if (keptMtu === undefined || one?.link.index === undefined) return;
  const ref = { index: one.link.index };
  kernelNamespace(one.link.namespace).netlink.batch((batch) => {
    batch.setLink(ref, { mtu: besideMtu(keptMtu) });
    batch.setLink(ref, { mtu: keptMtu });
  });
}
