/** What the kernel knows of a generic netlink family: CTRL_CMD_GETFAMILY. See linux/genetlink.h. */
import { attributesOf, list } from "../wire/attributes.ts";
import type { MessageCodec } from "../wire/codec.ts";
import type { NetlinkRequest } from "../wire/framing.ts";
import { u16, u32 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";
import { type GenericMessage, genericMessage } from "./message.ts";

/** GENL_ID_CTRL: the family that knows the others. */
const CONTROLLER = 0x10;
/** CTRL_CMD_GETFAMILY */
const GET_FAMILY = 3;
const CONTROLLER_VERSION = 1;

/** A family of generic netlink, as the kernel describes it. */
export interface GenericFamily {
  /** Its number, which the kernel gave it at its start: the type of its messages. */
  readonly id: number;
  /** Its name: `"wireguard"`. */
  readonly name: string;
  /** The version of its messages. */
  readonly version: number;
  /** The length of the header that its messages have before their attributes, in bytes. */
  readonly headerSize: number;
  /** The highest number of an attribute. */
  readonly maxAttribute: number;
  /** Its commands that a request can have, with what each allows. */
  readonly operations: readonly GenericOperation[];
  /** Its multicast groups by their names. */
  readonly groups: ReadonlyMap<string, number>;
}

/** A command of a family. */
export interface GenericOperation {
  /** The number of the command. */
  readonly id: number;
  /** GENL_…: 1 needs CAP_NET_ADMIN, 2 can be done, 4 can be dumped, 16 needs CAP_NET_ADMIN in the network's user namespace. */
  readonly flags: number;
}

/** CTRL_ATTR_… */
interface FamilyAttributes {
  readonly id?: number | undefined;
  readonly name?: string | undefined;
  readonly version?: number | undefined;
  readonly headerSize?: number | undefined;
  readonly maxAttribute?: number | undefined;
  readonly operations?: readonly Partial<GenericOperation>[] | undefined;
  readonly groups?: readonly { readonly name?: string | undefined; readonly id?: number | undefined }[] | undefined;
}

/** The codec of the messages of the controller. */
export const familyMessage: MessageCodec<GenericMessage<FamilyAttributes>> = genericMessage(
  attributesOf<FamilyAttributes>({
    id: [1, u16], // CTRL_ATTR_FAMILY_ID
    name: [2, text], // CTRL_ATTR_FAMILY_NAME
    version: [3, u32], // CTRL_ATTR_VERSION
    headerSize: [4, u32], // CTRL_ATTR_HDRSIZE
    maxAttribute: [5, u32], // CTRL_ATTR_MAXATTR
    operations: [6, list(attributesOf<GenericOperation>({ id: [1, u32], flags: [2, u32] }))], // CTRL_ATTR_OPS
    groups: [7, list(attributesOf<{ name: string; id: number }>({ name: [1, text], id: [2, u32] }))], // …_MCAST_GROUPS
  }),
);

/** The request for a family by its name. */
export function getFamilyRequest(name: string): NetlinkRequest {
  const body = familyMessage.encode({ command: GET_FAMILY, version: CONTROLLER_VERSION, attributes: { name } });
  return { type: CONTROLLER, flags: 0, body, label: `CTRL_CMD_GETFAMILY ${name}` };
}

/** The family that a message of the controller describes. */
export function decodeFamily(body: Uint8Array): GenericFamily {
  const { id = 0, name = "", version = 0, headerSize = 0, maxAttribute = 0, operations = [], groups = [] } =
    familyMessage.decodeKnown(body).attributes;
  return {
    id,
    name,
    version,
    headerSize,
    maxAttribute,
    operations: operations.map(({ id = 0, flags = 0 }) => ({ id, flags })),
    groups: new Map(groups.flatMap(({ name, id }) => name === undefined || id === undefined ? [] : [[name, id]])),
  };
}
