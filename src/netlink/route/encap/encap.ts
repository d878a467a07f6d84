/** What a route puts around its packets: RTA_ENCAP_TYPE and RTA_ENCAP. See ip-route(8), linux/lwtunnel.h. */
import { shown } from "../../../errors.ts";
import { fieldsOf } from "../../../argument_fields.ts";
import { checkIpEncap, type IpEncap, ipEncap } from "./ip.ts";
import { checkMplsEncap, type MplsEncap, mplsEncap } from "./mpls.ts";
import { checkSeg6Encap, type Seg6Encap, seg6Encap } from "./seg6.ts";
import { checkSeg6LocalEncap, type Seg6LocalEncap, seg6LocalEncap } from "./seg6local.ts";

/** An encapsulation that this library does not know. */
export interface OtherEncap {
  /** LWTUNNEL_ENCAP_… */
  readonly type: number;
  /** Its attributes, as bytes. */
  readonly data: Uint8Array;
}

/** What a route puts around its packets. */
export type RouteEncap = IpEncap | MplsEncap | Seg6Encap | Seg6LocalEncap | OtherEncap;

/** LWTUNNEL_ENCAP_… */
const TYPES = { mpls: 1, ip: 2, ip6: 4, seg6: 5, seg6local: 7 } as const;

/** An encapsulation in a message. */
export interface WireEncap {
  readonly encapType?: number | undefined;
  readonly encap?: Uint8Array<ArrayBuffer> | undefined;
}

const checkOther = fieldsOf<OtherEncap>("an encapsulation", { type: true, data: "bytes" });

/**
 * An encapsulation as a message has it.
 *
 * @throws {TypeError} It has another type, or another field than its type.
 */
export function encodeEncap(given: RouteEncap | undefined): WireEncap {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null) { // untyped code may give anything
    throw new TypeError(`Cannot use ${shown(given)} as an encapsulation: expected an object with a type`);
  }
  const type: unknown = given.type;
  switch (given.type) {
    case "ip":
    case "ip6":
      checkIpEncap(given);
      return { encapType: TYPES[given.type], encap: ipEncap.encode(given) };
    case "mpls":
      checkMplsEncap(given);
      return { encapType: TYPES.mpls, encap: mplsEncap.encode(given) };
    case "seg6": {
      checkSeg6Encap(given);
      const { mode, segments, flags, tag, tlvs, unknown } = given;
      return { encapType: TYPES.seg6, encap: seg6Encap.encode({ srh: { mode, segments, flags, tag, tlvs }, unknown }) };
    }
    case "seg6local":
      checkSeg6LocalEncap(given);
      return { encapType: TYPES.seg6local, encap: seg6LocalEncap.encode(given) };
    default:
      if (typeof type !== "number") {
        const types = [...Object.keys(TYPES), "a number"].join(", ");
        throw new TypeError(`Cannot use ${shown(type)} as the type of an encapsulation: expected ${types}`);
      }
      checkOther(given);
      return { encapType: given.type, encap: given.data.slice() };
  }
}

/** The encapsulation of a message, if it has one. */
export function decodeEncap({ encapType: type, encap = new Uint8Array(0) }: WireEncap): RouteEncap | undefined {
  switch (type) {
    case undefined:
    case 0:
      return undefined;
    case TYPES.ip:
      return { type: "ip", ...ipEncap.decode(encap) };
    case TYPES.ip6:
      return { type: "ip6", ...ipEncap.decode(encap) };
    case TYPES.mpls: {
      const { labels = [], ...rest } = mplsEncap.decode(encap);
      return { type: "mpls", labels, ...rest };
    }
    case TYPES.seg6: {
      const { srh, ...rest } = seg6Encap.decode(encap);
      return srh === undefined ? { type, data: encap } : { type: "seg6", ...srh, ...rest };
    }
    case TYPES.seg6local: {
      const { action = 0, ...rest } = seg6LocalEncap.decode(encap);
      return { type: "seg6local", action, ...rest };
    }
    default:
      return { type, data: encap };
  }
}
