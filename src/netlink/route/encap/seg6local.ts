/** What is done with a packet at a local segment: SEG6_LOCAL_…. See ip-route(8), linux/seg6_local.h, RFC 8986. */
import { fieldsOf } from "../../../argument_fields.ts";
import { type AttributesOf, attributesOf, type Unknown } from "../../wire/attributes.ts";
import type { MessageCodec } from "../../wire/codec.ts";
import { ip } from "../../wire/ip.ts";
import { bytes } from "../../wire/bytes.ts";
import { named } from "../../wire/named_numbers.ts";
import { u32 } from "../../wire/numbers.ts";

/** What a local segment does. */
export type Seg6LocalAction =
  | "End"
  | "End.X"
  | "End.T"
  | "End.DX2"
  | "End.DX6"
  | "End.DX4"
  | "End.DT6"
  | "End.DT4"
  | "End.B6"
  | "End.B6.Encaps"
  | "End.BM"
  | "End.S"
  | "End.AS"
  | "End.AM"
  | "End.BPF"
  | "End.DT46";

/** A local segment. */
export interface Seg6LocalEncap {
  /** A local segment. */
  readonly type: "seg6local";
  /** What it does. */
  readonly action: Seg6LocalAction | number;
  /** The header that End.B6 adds, as bytes. */
  readonly srh?: Uint8Array | undefined;
  /** The table in which End.T and End.DT6 look. */
  readonly table?: number | undefined;
  /** The table of a VRF in which End.DT4 and End.DT46 look. */
  readonly vrfTable?: number | undefined;
  /** The IPv4 next hop. */
  readonly nh4?: string | undefined;
  /** The IPv6 next hop. */
  readonly nh6?: string | undefined;
  /** The index of the link by which packets come. */
  readonly iif?: number | undefined;
  /** The index of the link by which they leave. */
  readonly oif?: number | undefined;
  /** The program of End.BPF, as bytes. */
  readonly bpf?: Uint8Array | undefined;
  /** Counters, as bytes, of a segment that counts. */
  readonly counters?: Uint8Array | undefined;
  /** Flavours, as bytes. */
  readonly flavors?: Uint8Array | undefined;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown | undefined;
}

/** Checks that an encapsulation has no other field. */
export const checkSeg6LocalEncap: (encap: Seg6LocalEncap) => void = fieldsOf<Seg6LocalEncap>("a local segment", {
  type: true,
  action: true,
  srh: "bytes",
  table: true,
  vrfTable: true,
  nh4: true,
  nh6: true,
  iif: true,
  oif: true,
  bpf: "bytes",
  counters: "bytes",
  flavors: "bytes",
  unknown: "list",
});

/** SEG6_LOCAL_ACTION_… */
const ACTIONS: Readonly<Record<Seg6LocalAction, number>> = {
  "End": 1,
  "End.X": 2,
  "End.T": 3,
  "End.DX2": 4,
  "End.DX6": 5,
  "End.DX4": 6,
  "End.DT6": 7,
  "End.DT4": 8,
  "End.B6": 9,
  "End.B6.Encaps": 10,
  "End.BM": 11,
  "End.S": 12,
  "End.AS": 13,
  "End.AM": 14,
  "End.BPF": 15,
  "End.DT46": 16,
};

type Known = Omit<Seg6LocalEncap, "type" | "unknown">;

/** The codec of the attributes. */
export const seg6LocalEncap: MessageCodec<AttributesOf<Known>> = attributesOf<Known>({
  action: [1, named<Seg6LocalAction>(u32, ACTIONS)], // SEG6_LOCAL_ACTION
  srh: [2, bytes], // SEG6_LOCAL_SRH
  table: [3, u32], // SEG6_LOCAL_TABLE
  nh4: [4, ip], // SEG6_LOCAL_NH4
  nh6: [5, ip], // SEG6_LOCAL_NH6
  iif: [6, u32], // SEG6_LOCAL_IIF
  oif: [7, u32], // SEG6_LOCAL_OIF
  bpf: [8, bytes], // SEG6_LOCAL_BPF
  vrfTable: [9, u32], // SEG6_LOCAL_VRFTABLE
  counters: [10, bytes], // SEG6_LOCAL_COUNTERS
  flavors: [11, bytes], // SEG6_LOCAL_FLAVORS
});
