/** Links that encrypt Ethernet frames (IEEE 802.1AE): IFLA_MACSEC_…. See ip-macsec(8), linux/if_macsec.h. */
import { shown } from "../../../errors.ts";
import type { LinkBase } from "../base.ts";
import type { LinkRef } from "../ref.ts";
import type { Codec } from "../../wire/codec.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { be16, be64, u32, u64, u8 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf, translated } from "./kind_options.ts";

/** How frames are encrypted. */
export type MacsecCipherSuite = "GCM-AES-128" | "GCM-AES-256" | "GCM-AES-XPN-128" | "GCM-AES-XPN-256";

/** MACSEC_CIPHER_ID_… */
const CIPHER_SUITES: Readonly<Record<MacsecCipherSuite, bigint>> = {
  "GCM-AES-128": 0x0080c20001000001n,
  "GCM-AES-256": 0x0080c20001000002n,
  "GCM-AES-XPN-128": 0x0080c20001000003n,
  "GCM-AES-XPN-256": 0x0080c20001000004n,
};
/** MACSEC_DEFAULT_CIPHER_ID: a second number of GCM-AES-128. */
const DEFAULT_CIPHER_SUITE = 0x0080020001000001n;

/** Whether frames that come in are checked: not, reported, or dropped. */
export type MacsecValidation = "disabled" | "check" | "strict";

/** MACSEC_VALIDATE_… */
const VALIDATIONS: Readonly<Record<MacsecValidation, number>> = { disabled: 0, check: 1, strict: 2 };

/** What hardware does the encryption: none, the one of the physical layer, or the one of the link. */
export type MacsecOffload = "off" | "phy" | "mac";

/** MACSEC_OFFLOAD_… */
const OFFLOADS: Readonly<Record<MacsecOffload, number>> = { off: 0, phy: 1, mac: 2 };

/** What is particular to a MACsec link. */
export interface MacsecOptions extends KeptOptions {
  /** The identifier of its channel, 16 hexadecimal digits: an address and a port. @default {from `port`} */
  readonly sci?: string | undefined;
  /** The port of the identifier of its channel, whose address is its own. @default {1} */
  readonly port?: number | undefined;
  /** How frames are encrypted; a bigint, if this library has no name for it. @default {"GCM-AES-128"} */
  readonly cipherSuite?: MacsecCipherSuite | bigint | undefined;
  /** The length of the check value of a frame, in bytes. @default {16} */
  readonly icvLen?: number | undefined;
  /** The association by which frames go out, 0 to 3. @default {0} */
  readonly encodingSa?: number | undefined;
  /** Whether frames that come in are checked; a number, if this library has no name for it. @default {"strict"} */
  readonly validation?: MacsecValidation | number | undefined;
  /** What hardware encrypts; a number, if this library has no name for it. @default {"off"} */
  readonly offload?: MacsecOffload | number | undefined;
  /** Encrypts frames, beside protecting them from changes. */
  readonly encrypt?: boolean | undefined;
  /** Protects frames from changes. @default {true} */
  readonly protect?: boolean | undefined;
  /** Frames have the identifier of the channel. @default {true} */
  readonly incSci?: boolean | undefined;
  /** The sender is an end station. */
  readonly es?: boolean | undefined;
  /** Frames go to all stations of a passive optical network. */
  readonly scb?: boolean | undefined;
  /** Drops frames that come again. */
  readonly replayProtect?: boolean | undefined;
  /** How many frames may overtake one, with `replayProtect`. */
  readonly window?: number | undefined;
}

/** A link that encrypts Ethernet frames of another; its keys are set by `ip macsec`. */
export interface MacsecSpec extends LinkBase, MacsecOptions {
  /** The tag of the union. */
  readonly kind: "macsec";
  /** The link below; a number is its index. */
  readonly link: LinkRef | number;
}

const sci: Codec<string> = {
  write: (out, value) => {
    if (!/^[0-9a-f]{16}$/i.test(value)) {
      throw new TypeError(`Cannot use ${shown(value)} as sci: expected 16 hexadecimal digits`);
    }
    be64.write(out, BigInt(`0x${value}`));
  },
  read: (input) => be64.read(input).toString(16).padStart(16, "0"),
};

const cipherSuite: Codec<MacsecCipherSuite | bigint> = {
  write: (out, value, name) => {
    const id: unknown = typeof value === "bigint" ? value : CIPHER_SUITES[value]; // untyped code may ask for any name
    if (typeof id === "bigint") return u64.write(out, id, name);
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected ${Object.keys(CIPHER_SUITES).join(", ")}`);
  },
  read: (input) => {
    const id = u64.read(input);
    for (const name of ["GCM-AES-128", "GCM-AES-256", "GCM-AES-XPN-128", "GCM-AES-XPN-256"] as const) {
      if (CIPHER_SUITES[name] === id) return name;
    }
    return id === DEFAULT_CIPHER_SUITE ? "GCM-AES-128" : id;
  },
};

const wire = optionsOf<MacsecOptions>({
  sci: [1, sci], // IFLA_MACSEC_SCI
  port: [2, be16, "given"], // IFLA_MACSEC_PORT
  icvLen: [3, u8], // IFLA_MACSEC_ICV_LEN
  cipherSuite: [4, cipherSuite], // IFLA_MACSEC_CIPHER_SUITE
  window: [5, u32], // IFLA_MACSEC_WINDOW
  encodingSa: [6, u8], // IFLA_MACSEC_ENCODING_SA
  encrypt: [7, flag], // IFLA_MACSEC_ENCRYPT
  protect: [8, flag], // IFLA_MACSEC_PROTECT
  incSci: [9, flag], // IFLA_MACSEC_INC_SCI
  es: [10, flag], // IFLA_MACSEC_ES
  scb: [11, flag], // IFLA_MACSEC_SCB
  replayProtect: [12, flag], // IFLA_MACSEC_REPLAY_PROTECT
  validation: [13, named(u8, VALIDATIONS)], // IFLA_MACSEC_VALIDATION
  offload: [15, named(u8, OFFLOADS)], // IFLA_MACSEC_OFFLOAD
}, [14]); // IFLA_MACSEC_PAD

/** The port in an identifier. */
const portOf = (identifier: string): number => Number.parseInt(identifier.slice(-4), 16);

/**
 * The kernel takes either the identifier or its port, and the identifier only of a link whose frames have it. It lists
 * `incSci` of a link that is an end station too, but takes not both.
 */
function sentOptions(asked: MacsecOptions): MacsecOptions {
  const given = asked.incSci && (asked.es || asked.scb) ? { ...asked, incSci: undefined } : asked;
  if (given.sci === undefined || given.port !== portOf(given.sci)) return given;
  return given.incSci === false ? { ...given, sci: undefined } : { ...given, port: undefined };
}

const options = translated<MacsecOptions, MacsecOptions>(
  wire,
  {},
  sentOptions,
  (listed) => listed.sci === undefined ? listed : { ...listed, port: portOf(listed.sci) },
);

/** {@linkcode MacsecSpec} */
export const macsec: Kind<"macsec", MacsecSpec, MacsecOptions> = {
  kind: "macsec",
  about: "a link that encrypts Ethernet frames of another",
  kernel: { option: "CONFIG_MACSEC", module: "macsec" },
  fields: () => ({ link: true, ...options.fields }),
  probe: { spec: (name, lower) => ({ kind: "macsec", name, link: lower() }) },
  options,
};
