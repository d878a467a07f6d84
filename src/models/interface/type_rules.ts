/** What an interface of each type has to have, and cannot: as a check, and as JSON Schema says it. */
import { IPV6_MIN_MTU, LOOPBACK_NAME } from "../../netlink/constants/link.ts";
import type { InterfaceInput, LinuxInterface } from "./linux_interface.ts";
import {
  NOT_MADE,
  NUMBERED,
  NUMBERS_OF_VERSION_3,
  OBJECTS,
  PARTICULAR,
  REQUIRED,
  TYPES,
  VETH_OF_VERSION_3,
  WITH_LARGE_MTU,
  WITH_LOOPBACK_NAME,
  WITHOUT_ADDRESS,
} from "./interface_types.ts";
import { fieldFits, ifThen, isGiven, type JsonSchema, noneGiven } from "../json_schema.ts";
import { HOST_NAME_PATTERN, HOST_NAME_RULE } from "../values.ts";

/** The longest packet of IPv4, in bytes: most kinds of links take no more. */
export const IPV4_MAX_MTU = 65_535;

/** The objects that are particular to a type, in both versions of Ligato's model. */
const PARTICULARS = [...PARTICULAR, "vrfDev" as const];

/** An interface has the object of its type and no other. */
export function checkParticulars(
  type: LinuxInterface["type"],
  given: (name: keyof InterfaceInput) => boolean,
  report: (name: keyof InterfaceInput, expected: string) => void,
): void {
  const own = OBJECTS[type];
  const others = PARTICULARS.filter((object) =>
    object !== own && given(object) && !(object === "vrfDev" && own === "vrf" && !given(own))
  );
  const required = REQUIRED[type];
  if (required !== undefined && own !== undefined && !given(own) && !(own === "vrf" && given("vrfDev"))) {
    const meant = TYPES.find((one) => OBJECTS[one] !== undefined && OBJECTS[one] === others[0]);
    report(own, required + (meant === undefined ? "" : `; or type: ${meant}`));
  }
  for (const object of others) report(object, `no ${object} in an interface of type ${type}`);
  if (NOT_MADE.has(type) && given("queues")) {
    report("queues", `no queues in an interface of type ${type}`);
  }
  if (WITHOUT_ADDRESS.has(type) && given("physAddress")) {
    report("physAddress", `no physAddress in an interface of type ${type}, which has none`);
  }
}

/** A name that is not that of the loopback link, in JSON Schema. */
const IS_NOT_LOOPBACK: JsonSchema = { not: { const: LOOPBACK_NAME } };

/** What JSON Schema can say of an interface: what {@linkcode checkParticulars} checks, and its name, MTU and addresses. */
export function schemaRules(): JsonSchema[] {
  const isOne = (type: unknown): JsonSchema => ({ properties: { type: { const: type } }, required: ["type"] });
  const isVersion3 = {
    allOf: [
      isOne(VETH_OF_VERSION_3),
      { required: ["veth"], properties: { veth: { type: "object" } } },
      noneGiven("tap"),
    ],
  };
  const isOfType = (type: LinuxInterface["type"], number: number): JsonSchema => {
    const numbers = Object.entries(NUMBERS_OF_VERSION_3).filter(([, name]) => name === type).map(([one]) =>
      Number(one)
    );
    const spellings = [type, ...number < NUMBERED ? [number] : [], ...numbers, ...type === "VETH" ? [null] : []];
    const isType = { properties: { type: { enum: spellings } }, required: type === "VETH" ? [] : ["type"] };
    if (type === "VETH") return { anyOf: [isType, isVersion3] };
    return type === "AUTO_TAP" ? { allOf: [isType, { not: isVersion3 }] } : isType;
  };
  const particulars = TYPES.map((type, number) => {
    const own = OBJECTS[type];
    const others = [
      ...PARTICULAR.filter((object) => object !== own),
      ...own === "vrf" ? [] : ["vrfDev"],
      ...NOT_MADE.has(type) ? ["queues"] : [],
      ...WITHOUT_ADDRESS.has(type) ? ["physAddress"] : [],
      ...type === "LOOPBACK" ? ["master"] : [],
    ];
    const spellings = own === "vrf" ? ["vrf", "vrfDev"] : own === undefined ? [] : [own];
    const isWhole = REQUIRED[type] === undefined || own === undefined ? {} : { oneOf: spellings.map(isGiven) };
    const isLoopback = type === "LOOPBACK" ? fieldFits("hostIfName", { enum: [LOOPBACK_NAME, null] }) : {};
    const isOther = WITH_LOOPBACK_NAME.has(type) ? {} : {
      allOf: [
        fieldFits("hostIfName", IS_NOT_LOOPBACK),
        ifThen({ not: isGiven("hostIfName") }, { properties: { name: IS_NOT_LOOPBACK } }),
      ],
    };
    const mtu = WITH_LARGE_MTU.has(type) ? {} : fieldFits("mtu", { maximum: IPV4_MAX_MTU });
    return ifThen(isOfType(type, number), { allOf: [noneGiven(...others), isWhole, isLoopback, isOther, mtu] });
  });
  const isSmall = { properties: { mtu: { type: "integer", maximum: IPV6_MIN_MTU - 1 } }, required: ["mtu"] };
  const isPassthru = {
    properties: { macvlan: { properties: { mode: { const: "passthru" } }, required: ["mode"] } },
    required: ["macvlan"],
  };
  const isNamedByName = {
    not: { anyOf: [isGiven("hostIfName"), isOfType("LOOPBACK", TYPES.indexOf("LOOPBACK"))] },
  };
  return [
    ...particulars,
    ifThen(isPassthru, noneGiven("physAddress")),
    ifThen(isNamedByName, fieldFits("name", { description: HOST_NAME_RULE, pattern: `^${HOST_NAME_PATTERN}$` })),
    ifThen(isSmall, fieldFits("ipAddresses", { items: { not: { pattern: ":" } } })),
    fieldFits("ipAddresses", { uniqueItems: true }),
    { not: { allOf: [isGiven("master"), isGiven("vrfMasterInterface")] } },
  ];
}
