/** Tables of others that drop what an uplink needs to be forwarded: nobody here may change them. */
import { printable } from "../../../ffi/mod.ts";
import { covers } from "../../ip/networks.ts";
import { tableOf } from "../../netlink/nftables/table_of.ts";
import type { NftChain, NftObject } from "../../netlink/nftables/types.ts";
import { commentIn, jsonOf, TABLE_FAMILY, tableComment, tableName } from "./table_rules.ts";

/** An uplink, as the rules of others may name it. */
export interface ForwardedUplink {
  /** The item in reports. */
  readonly item: string;
  /** The host name of its link in the default namespace. */
  readonly link: string;
  /** Its network. */
  readonly addresses: string;
}

/** A chain of somebody else that drops what an uplink sends. */
export interface ForwardDrop {
  /** What drops it, as a line for people. */
  readonly what: string;
  /** The commands that let it through. */
  readonly remedy: string;
}

/**
 * The chains of other tables whose policy drops what is forwarded, and that have no rule for the uplink.
 *
 * @param present The ruleset of the default namespace.
 * @param own The name of the table of the uplink's configuration, whose file says what that is to drop.
 */
export function forwardDrops(
  present: readonly NftObject[],
  { item, link, addresses }: ForwardedUplink,
  own: string,
): ForwardDrop[] {
  const [network = ""] = addresses.split("/");
  const isOwn = ({ family, table }: NftChain): boolean => family === TABLE_FAMILY && table === own;
  return present.flatMap((one) => "chain" in one && drops(one.chain) && !isOwn(one.chain) ? [one.chain] : []).flatMap(
    ({ family, table, name }) => {
      const content = present.filter((one) => isOf(one, family, table));
      const rules = jsonOf(content.filter((one) => "rule" in one));
      if (rules.includes(`"${link}"`) || rules.includes(`"${network}"`) || hasPrefixOf(rules, network)) return [];
      const label = `${item}: the chain ${printable(name)} of the table ${family} ${printable(table)}`;
      const does = "drops what is forwarded, and no rule of it is for the uplink";
      const owner = configurationOf(content, table);
      if (owner !== undefined) {
        // What somebody puts into it by hand goes with the next apply.
        const firewall = owner === null ? "a configuration" : `the configuration ${JSON.stringify(owner)}`;
        const remedy = `give the firewall of ${firewall} the exceptions { in: ${link} } and { out: ${link} }`;
        return [{ what: `${label}, which ${firewall} has made, ${does}`, remedy }];
      }
      const isDocker = content.some((one) => "chain" in one && one.chain.name === "DOCKER-USER");
      const commands = family === "ip" && table === "filter" // of iptables
        ? ["-i", "-o"].map((flag) => `iptables -I ${isDocker ? "DOCKER-USER" : name} ${flag} ${link} -j ACCEPT`)
        : ["iifname", "oifname"].map((key) => (
          `nft insert rule ${family} '${printable(table)}' '${printable(name)}' ${key} ${link} accept`
        ));
      return [{ what: `${label}, which is somebody else's, ${does}`, remedy: commands.join("; ") }];
    },
  );
}

/** True of rules that name a network in which an address is. */
function hasPrefixOf(rules: string, address: string): boolean {
  return [...rules.matchAll(/"addr":"([\d.]+)","len":(\d+)/g)].some(([, network, length]) => (
    covers(`${network}/${length}`, address)
  ));
}

const drops = ({ family, hook, policy }: NftChain): boolean =>
  hook === "forward" && policy === "drop" && (family === "ip" || family === "inet");

/** The configuration for which this program made a table, by what that is called; null: one without a name. */
function configurationOf(content: readonly NftObject[], table: string): string | null | undefined {
  const comment = commentIn(content);
  if (comment === undefined) return undefined;
  const name = table.startsWith(tableName("")) ? table.slice(tableName("").length) : undefined;
  return comment === tableComment(name) && table === tableName(name) ? name ?? null : undefined;
}

function isOf(one: NftObject, family: NftChain["family"], table: string): boolean {
  const of = tableOf(one);
  return of.family === family && of.table === table;
}
