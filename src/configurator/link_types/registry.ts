/** The types of the file. */
import type { LinuxInterface } from "../../models/interface.ts";
import { autoTap } from "./auto_tap.ts";
import { bridge } from "./bridge.ts";
import { dummy } from "./dummy.ts";
import { ifb } from "./ifb.ts";
import type { LinkType } from "./link_type.ts";
import { veth } from "./veth.ts";

/** Each type by its name in the file, in the order in which they are planned. */
export const LINK_TYPES: Readonly<Record<LinuxInterface["type"], LinkType>> = {
  VETH: veth,
  AUTO_TAP: autoTap,
  DUMMY: dummy,
  IFB: ifb,
  BRIDGE: bridge,
};
