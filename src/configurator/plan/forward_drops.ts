/** Tables of others that drop what an uplink needs to be forwarded: nobody here may change them. */
import { printable } from "../../../ffi/mod.ts";
import { tableOf } from "../../netlink/nftables/table_of.ts";
import type { NftChain, NftObject } from "../../netlink/nftables/types.ts";

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

/** The tables that this program makes, of any configuration: their owners said what they are to drop. */
const OWN_TABLE = /^netns(-|$)/;

/**
 * The chains of other tables whose policy drops what is forwarded, and that have no rule for the uplink.
 *
 * @param present The ruleset of the default namespace.
 */
export function forwardDrops(present: readonly NftObject[], { item, link, addresses }: ForwardedUplink): ForwardDrop[] {
  const [network = ""] = addresses.split("/");
  return present.flatMap((one) => "chain" in one && drops(one.chain) ? [one.chain] : []).flatMap(
    ({ family, table, name }) => {
      const content = present.filter((one) => isOf(one, family, table));
      const rules = JSON.stringify(content.filter((one) => "rule" in one));
      if (rules.includes(`"${link}"`) || rules.includes(`"${network}"`)) return [];
      const isDocker = content.some((one) => "chain" in one && one.chain.name === "DOCKER-USER");
      const commands = family === "ip" && table === "filter" // of iptables
        ? ["-i", "-o"].map((flag) => `iptables -I ${isDocker ? "DOCKER-USER" : name} ${flag} ${link} -j ACCEPT`)
        : ["iifname", "oifname"].map((key) => (
          `nft insert rule ${family} '${printable(table)}' '${printable(name)}' ${key} ${link} accept`
        ));
      const what = `${item}: the chain ${printable(name)} of the table ${family} ${printable(table)}, which is ` +
        "somebody else's, drops what is forwarded, and no rule of it is for the uplink";
      return [{ what, remedy: commands.join("; ") }];
    },
  );
}

const drops = ({ family, table, hook, policy }: NftChain): boolean =>
  hook === "forward" && policy === "drop" && (family === "ip" || family === "inet") && !OWN_TABLE.test(table);

function isOf(one: NftObject, family: NftChain["family"], table: string): boolean {
  if ("table" in one) return false;
  const of = tableOf(one);
  return of.family === family && of.table === table;
}
