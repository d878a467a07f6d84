/** Gives links that are made again the features that they had. */
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { LinkCreation } from "../plan/link_creation.ts";

/**
 * Sets those features of new links that are not as they were.
 *
 * @throws {NetlinkError} The kernel does not set one of them.
 */
export function setFeatures({ features = [] }: Pick<LinkCreation, "features">): void {
  for (const { link: { namespace, index }, wanted } of features) {
    if (index === undefined) continue;
    const ethtool = kernelNamespace(namespace).handle.ethtool();
    try {
      const now = ethtool.getFeatures({ index });
      const differing = Object.entries(wanted).filter(([name, on]) => (
        now[name] !== undefined && now[name].changeable && now[name].wanted !== on
      ));
      if (differing.length > 0) ethtool.setFeatures({ index }, Object.fromEntries(differing));
    } finally {
      ethtool.close();
    }
  }
}
