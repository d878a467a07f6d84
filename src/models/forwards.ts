/** The model of a forwarded port: what comes in by a link for a port of the namespace goes to another host. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { parseIp } from "../ip/address.ts";
import { isMulticast, isUnspecified } from "../ip/arithmetic.ts";
import { HOST_IP_PATTERN, HOST_IPV4_PATTERN } from "../ip/pattern.ts";
import { anyText, type Field, type FieldsOf, label, message, optional, type OptionalFields, text } from "./fields.ts";
import { type InterfaceNamespace, interfaceNamespaceSchema, type NamespaceInput } from "./namespace.ts";
import { ifThen } from "./json_schema.ts";
import { portRange, type Ports, ports } from "./ports.ts";

/** A forwarded port, as the file describes it. */
export interface PortForward {
  /** Its name in the file. */
  readonly name: string;
  /** What it is for, for people. */
  readonly description?: string;
  /** Where it is done. Absent: the namespace of the link `in` if the file describes that, else the default one. */
  readonly namespace?: InterfaceNamespace;
  /** The link: the name of an interface of the file, or the host name of one, which need not exist yet. */
  readonly in: string;
  /** The protocol of the port. */
  readonly protocol: "tcp" | "udp";
  /** The port, or a range of them. */
  readonly port: Ports;
  /**
   * Where it leads, in canonical text: `"10.0.0.2:80"`, `"[fd00::2]:80"`. Without a port the packet keeps its own, as
   * those of a range always do.
   */
  readonly to: string;
}

/** A forwarded port as it may be written. */
export interface PortForwardInput extends OptionalFields<Pick<PortForward, "description">> {
  /** Its name in the file. */
  readonly name: string;
  /** Where it is done, as text or as the fields of the model. */
  readonly namespace?: NamespaceInput | undefined;
  /** The name of an interface of the file, or the host name of one. */
  readonly in: string;
  /** The protocol of the port. */
  readonly protocol: PortForward["protocol"];
  /** The port, or a range of them: `8080`, `"8000-8010"`. */
  readonly port: Ports;
  /** Where it leads: `"10.0.0.2:80"`, `"[fd00::2]:80"`, `"10.0.0.2"`. */
  readonly to: string;
}

/** The address and the port of an endpoint. */
export interface Endpoint {
  /** The address, in canonical text. */
  readonly address: string;
  /** The port; absent: none. */
  readonly port?: number;
}

/** The endpoint that a text means: an address, perhaps with a port; undefined if it means none. */
export function parseEndpoint(given: string): Endpoint | undefined {
  const alone = parseIp(given);
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(given) ?? [];
  const address = alone ?? parseIp(bracketed ?? plain ?? "");
  const range = digits === undefined ? undefined : portRange(digits);
  if (address === undefined || isMulticast(address) || isUnspecified(address)) return undefined;
  if (digits === undefined) return { address: address.text };
  return range && { address: address.text, port: range.first };
}

const endpoint = text(
  'an address, with a port or without: "10.0.0.2:80", "[fd00::2]:80", "10.0.0.2"',
  (given) => {
    const { address, port } = parseEndpoint(given) ?? {};
    if (address === undefined) return undefined;
    return port === undefined ? address : `${address.includes(":") ? `[${address}]` : address}:${port}`;
  },
  `^(?:${HOST_IP_PATTERN}|${HOST_IPV4_PATTERN}:\\d{1,5}|\\[${HOST_IP_PATTERN}\\](?::\\d{1,5})?)$`,
);

const FIELDS = {
  name: label("the name of the forwarded port"),
  description: optional(anyText),
  namespace: optional(interfaceNamespaceSchema),
  in: label("the name of the interface by which packets come"),
  protocol: v.picklist(["tcp", "udp"], "tcp or udp"),
  port: ports,
  to: endpoint,
} as const satisfies FieldsOf<PortForwardInput>;

/** Reads an item of `forwards`. */
export const forwardSchema: Field<PortForward> = v.pipe(
  message("a mapping with name, in, protocol, port and to", FIELDS, ({ port, to }, _given, report): void => {
    if (typeof port === "string" && to !== undefined && parseEndpoint(to)?.port !== undefined) {
      report("to", `an address without a port: those of the range ${port} stay as they are`);
    }
  }, () => [
    ifThen({ properties: { port: { type: "string", pattern: "-" } } }, {
      properties: {
        to: {
          pattern: "^(?:[^:]*|[^\\[].*:.*:.*|.*\\])$",
          patternErrorMessage: "Expected an address without a port: those of the range stay as they are",
        },
      },
    }),
  ]),
  v.transform((forward): PortForward => defined(forward)),
);
