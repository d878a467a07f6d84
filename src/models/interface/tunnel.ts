/** The model of a tunnel. */
import { familyOf } from "../../ip/address.ts";
import { type Field, integer, label, message, optional, word } from "../fields.ts";
import { ANY_IPV4, ANY_IPV6, fieldFits, ifThen, type JsonSchema, noneGiven } from "../json_schema.ts";
import { hostIp } from "../values.ts";

/** What is particular to a TUNNEL. */
export interface TunnelFields {
  /** What it is, as `ip link add type` has it. */
  readonly mode: "gre" | "gretap" | "ip6gre" | "ip6gretap" | "ipip" | "sit" | "ip6tnl";
  /** The address of this end. */
  readonly local?: string | undefined;
  /** The address of the other end. */
  readonly remote?: string | undefined;
  /** The key of what comes in and goes out, of the modes of GRE. */
  readonly key?: number | undefined;
  /** The time to live of packets that go out. */
  readonly ttl?: number | undefined;
  /**
   * The link by which packets go out: the name of an interface of the file in any namespace, or the host name of a link
   * in the same namespace.
   */
  readonly parent?: string | undefined;
}

const MODES = ["gre", "gretap", "ip6gre", "ip6gretap", "ipip", "sit", "ip6tnl"] as const;

/** Reads the object of a TUNNEL. */
export const tunnelSchema: Field<TunnelFields> = message(
  "a mapping with mode, and local and remote",
  {
    mode: word(MODES),
    local: optional(hostIp),
    remote: optional(hostIp),
    key: optional(integer(0, 2 ** 32 - 1)),
    ttl: optional(integer(0, 255)),
    parent: optional(label("the name of the link below")),
  },
  ({ mode, local, remote }, given, report): void => {
    if (mode === undefined) return;
    const family = mode.startsWith("ip6") ? 6 : 4;
    if (local !== undefined && familyOf(local) !== family) {
      report("local", `an IPv${family} address, as the mode ${mode}`);
    }
    if (remote !== undefined && familyOf(remote) !== family) {
      report("remote", `an IPv${family} address, as the mode ${mode}`);
    }
    if (given("key") && !mode.includes("gre")) report("key", `no key in the mode ${mode}`);
  },
  () => {
    const isMode = (fits: (mode: string) => boolean) => ({ properties: { mode: { enum: MODES.filter(fits) } } });
    const is6 = (mode: string): boolean => mode.startsWith("ip6");
    const ends = (family: JsonSchema) => ({ allOf: ["local", "remote"].map((name) => fieldFits(name, family)) });
    return [
      ifThen(isMode(is6), ends(ANY_IPV6)),
      ifThen(isMode((mode) => !is6(mode)), ends(ANY_IPV4)),
      ifThen(isMode((mode) => !mode.includes("gre")), noneGiven("key")),
    ];
  },
);
