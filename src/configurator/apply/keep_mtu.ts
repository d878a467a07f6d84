/** The MTU of a new bridge: set so that the kernel keeps it. */
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { LinkCreation } from "../plan/link_creation.ts";

/** ETH_MAX_MTU of linux/if_ether.h. */
const ETH_MAX_MTU = 65_535;

/** Sets {@linkcode LinkCreation.keptMtu}. The kernel keeps an MTU that was changed: it is another one for a moment. */
export function keepMtu({ links: [one], keptMtu }: LinkCreation): void {
  if (keptMtu === undefined || one?.link.index === undefined) return;
  const ref = { index: one.link.index };
  kernelNamespace(one.link.namespace).netlink.batch((batch) => {
    batch.setLink(ref, { mtu: keptMtu < ETH_MAX_MTU ? keptMtu + 1 : keptMtu - 1 });
    batch.setLink(ref, { mtu: keptMtu });
  });
}
