/** The addresses of both ends of a tunnel that is over IPv4 or over IPv6, each with attributes of its own. */
import { defined } from "../../../collections.ts";
import { AF_INET } from "../../../../ffi/mod.ts";
import { afOf } from "../../wire/ip.ts";

/** The addresses of both ends of a tunnel. An address of IPv6 may stand under either name; it is listed under its own. */
export interface EndAddresses {
  /** The address of the other end. */
  readonly remote?: string | undefined;
  /** The address of the other end, of IPv6. */
  readonly remote6?: string | undefined;
  /** The address of this end. */
  readonly local?: string | undefined;
  /** The address of this end, of IPv6. */
  readonly local6?: string | undefined;
}

/** Each address under the name of its family. */
export function endAddresses({ remote, remote6 = remote, local, local6 = local }: EndAddresses): EndAddresses {
  const isIpv4 = (address: string | undefined): boolean => address !== undefined && afOf(address) === AF_INET;
  return {
    remote: isIpv4(remote) ? remote : undefined,
    remote6: isIpv4(remote6) ? undefined : remote6,
    local: isIpv4(local) ? local : undefined,
    local6: isIpv4(local6) ? undefined : local6,
  };
}

const ANY: readonly (string | undefined)[] = ["0.0.0.0", "::"];

/** The addresses that there are: 0.0.0.0 and :: are none. */
export function endsOf({ remote, remote6, local, local6 }: EndAddresses): EndAddresses {
  const given = (address: string | undefined): string | undefined => ANY.includes(address) ? undefined : address;
  return defined({ remote: given(remote), remote6: given(remote6), local: given(local), local6: given(local6) });
}
