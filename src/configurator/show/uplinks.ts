/** Uplinks, as `uplinks` of the file, in place of their pairs. */
import { defined } from "../../collections.ts";
import { addressOf32, networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import { genericToIfaceNs } from "../../models/converters.ts";
import type { InterfaceInput } from "../../models/interface/linux_interface.ts";
import { resolverPath, type UplinkFields, uplinkHostLink } from "../../models/uplinks.ts";
import { namespaceToString, parseNamespace } from "../../namespace.ts";
import { textAt } from "../observed/owned_file.ts";
import { tableComment } from "../plan/table_rules.ts";
import { NEAR_LINK } from "../plan/uplinks.ts";

/** An uplink, and the name that its end in the namespace has as an interface. */
export interface ShownUplink {
  /** The uplink. */
  readonly uplink: UplinkFields;
  /** The names of the interfaces that are its pair: of one end alone where the default namespace is not shown. */
  readonly ends: readonly string[];
  /** The gateway of its default route. */
  readonly gateway: string;
}

/** The default namespace, as what is shown names it. */
const DEFAULT = namespaceToString({ type: "pid", pid: 0 });

/** What may be uplinks of the configuration `name`, as a plan can find out. */
export function shownUplinks(interfaces: readonly InterfaceInput[], name: string): ShownUplink[] {
  const byName = new Map(interfaces.map((one) => [one.name, one]));
  return interfaces.flatMap(({ name: near, namespace, hostIfName, ipAddresses, veth }): ShownUplink[] => {
    if ((hostIfName ?? near) !== NEAR_LINK || typeof namespace !== "string" || namespace === DEFAULT) return [];
    const far = byName.get(veth?.peerIfName ?? "");
    const generic = parseNamespace(namespace);
    const farName = uplinkHostLink({ namespace: genericToIfaceNs(generic), dns: [] });
    if (veth !== undefined && (far?.namespace !== DEFAULT || far.hostIfName !== farName)) return [];
    const four = (ipAddresses ?? []).map((one) => parseIpPrefix(one)).filter((one) => one?.address.family === 4);
    const [address, ...others] = four;
    if (address === undefined || others.length > 0) return [];
    const uplink = { namespace, addresses: networkOf(address).text, dns: serversOf(namespace, name) };
    const network = networkOf(address).address.bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return [{
      ends: far === undefined ? [near] : [near, far.name],
      gateway: addressOf32(network + 1),
      uplink: defined(uplink),
    }];
  });
}

/** The servers in the `resolv.conf` that the configuration wrote; undefined: those of the host. */
function serversOf(namespace: string, name: string): string[] | undefined {
  const parsed = parseNamespace(namespace);
  if (parsed.type !== "named") return undefined;
  const [mark, ...lines] = (textAt(resolverPath(parsed.name)) ?? "").trim().split("\n");
  if (mark !== `# ${tableComment(name)}`) return [];
  const servers = lines.map((line) => /^nameserver (\S+)$/.exec(line)?.[1]).filter((one) => one !== undefined);
  return servers.length === lines.length ? servers : undefined;
}
