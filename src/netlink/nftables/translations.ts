/** Translations of addresses and ports: `snat`, `dnat`, `masquerade`, `redirect`. */
import { defined } from "../../collections.ts";
import { shown } from "../../errors.ts";
import { familyOf } from "../../ip/address.ts";
import { checkKeys, isObject } from "./given.ts";
import { Comparisons } from "./comparison.ts";
import { FAMILIES, NAT_FLAGS, NAT_PORTS } from "./constants.ts";
import { type Datatype, DATATYPES, encodeValue } from "./datatypes.ts";
import type { NftRange, NftScalar } from "./element_types.ts";
import { type Expressions, REGISTER } from "./expressions.ts";
import { bitsOf } from "./flags.ts";
import { intervalOf } from "./intervals.ts";
import type { OwnSets } from "./lookups.ts";
import { registerOf, wordOf, wordsOf } from "./registers.ts";
import type { NftFamily } from "./names.ts";
import type { NftMapped, NftNat } from "./statement_types.ts";

type Ports = Pick<Expressions["nat"], "portMin" | "portMax" | "flags">;

/** Compiles translations. */
export class Translations extends Comparisons {
  readonly #tableFamily: NftFamily;

  /** As {@linkcode Comparisons}. */
  constructor(family: NftFamily, newSetId: () => number, sets: OwnSets) {
    super(family, newSetId, sets);
    this.#tableFamily = family;
  }

  protected immediate(type: Datatype, value: NftScalar, register: number, at: string): void {
    const data = { value: encodeValue(type, value, at) };
    this.expressions.push({ name: "immediate", data: { dreg: register, data } });
  }

  /** Loads a value, or both ends of a range, into registers from `first` on, and gives those. */
  #loadRange(type: Datatype, value: NftScalar | NftRange | NftMapped, first: number, at: string): number[] {
    if (isMapped(value)) {
      this.loadMapped(value, [type], first, at);
      return [first];
    }
    const isRange = isObject(value) && Array.isArray(value.range);
    if (isRange) checkKeys(value, ["range"], at);
    if (isRange) intervalOf(type, value, at); // it checks the ends
    const values: readonly NftScalar[] = isRange ? value.range : [value as NftScalar]; // encodeValue looks
    return values.map((one, i) => {
      this.immediate(type, one, first + i, isRange ? `${at}.range[${i}]` : at);
      return first + i;
    });
  }

  /** `masquerade` and `redirect`: what has no address. */
  protected own(given: null | Pick<NftNat, "port" | "flags">, at: string): Ports {
    const own: unknown = given ?? {};
    checkKeys(own, ["port", "flags"], at);
    return this.ports(own as Pick<NftNat, "port" | "flags">, REGISTER, at);
  }

  protected ports({ port, flags }: Pick<NftNat, "port" | "flags">, first: number, at: string): Ports {
    const [portMin, portMax] = port === undefined ? [] : this.#loadRange(DATATYPES.service, port, first, `${at}.port`);
    const bits = bitsOf(NAT_FLAGS, flags, `${at}.flags`) | (portMin === undefined ? 0 : NAT_PORTS);
    return defined({ portMin, portMax, flags: bits || undefined });
  }

  protected nat(type: number, nat: NftNat, at: string): void {
    checkKeys(nat, ["family", "addr", "port", "flags"], at);
    const { addr } = nat;
    if (addr === undefined && nat.port === undefined) {
      throw new TypeError(`Cannot use ${shown(nat)} as ${at}: expected addr, port, or both`);
    }
    const family = nat.family === undefined ? this.#natFamily(addr) : nat.family;
    if (family !== "ip" && family !== "ip6") {
      throw new TypeError(`Cannot use ${shown(nat.family)} as ${at}.family: expected "ip" or "ip6"`);
    }
    const kind = family === "ip" ? DATATYPES.ipv4 : DATATYPES.ipv6;
    if (isMapped(nat.port)) this.requireKey(nat.port.map.key, `${at}.port.map.key`); // before anything is loaded
    if (isMapped(addr)) return this.#mappedNat(type, { ...nat, addr }, kind, at);
    const [addressMin, addressMax] = addr === undefined ? [] : this.#loadRange(kind, addr, REGISTER, `${at}.addr`);
    const next = (addressMax ?? addressMin ?? REGISTER - 1) + 1;
    const ports = this.ports(nat, next, at);
    this.expressions.push({
      name: "nat",
      data: { type, ...defined({ family: FAMILIES[family], addressMin, addressMax }), ...ports },
    });
  }

  #natFamily(addr: NftNat["addr"]): NftFamily {
    if (this.#tableFamily !== "inet") return this.#tableFamily;
    const first = isObject(addr) && "range" in addr && Array.isArray(addr.range) ? addr.range[0] : addr;
    if (typeof first === "string") return familyOf(first) === 4 ? "ip" : "ip6";
    return this.network === "ipv6" ? "ip6" : "ip";
  }

  /** The address is what a map has; the map may have the port, too. */
  #mappedNat(type: number, nat: NftNat & { readonly addr: NftMapped }, kind: Datatype, at: string): void {
    const { data } = this.loadMapped(nat.addr, [kind], REGISTER, `${at}.addr`);
    const hasPort = Array.isArray(data) && data.length > 1;
    if (hasPort && nat.port !== undefined) {
      throw new TypeError(`Cannot use ${shown(nat.port)} as ${at}.port: expected none, as the map has the port`);
    }
    const portMin = registerOf(wordOf(REGISTER) + wordsOf(kind.size));
    const { flags = 0, ...ports } = hasPort ? { portMin } : this.ports(nat, REGISTER + 1, at);
    const bits = flags | bitsOf(NAT_FLAGS, nat.flags, `${at}.flags`);
    const family = kind === DATATYPES.ipv4 ? FAMILIES.ip : FAMILIES.ip6;
    const attributes = { type, family, addressMin: REGISTER, ...ports, ...bits === 0 ? {} : { flags: bits } };
    this.expressions.push({ name: "nat", data: attributes });
  }
}

/** True of a look-up in a map. */
export function isMapped(value: unknown): value is NftMapped {
  return isObject(value) && "map" in value;
}
