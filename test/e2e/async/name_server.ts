/** A server of the domain name system for tests: it answers by a table, and notes what it is asked. */
import { createServer } from "node:net";
import type { NsHandle } from "@netns/netns";
import { closed } from "../../integration/netns/sockets/network.ts";

/** What the server does with a question: addresses, an alias and addresses, an RCODE, or nothing at all. */
export type Record =
  | { readonly addresses: readonly string[]; readonly alias?: string }
  | { readonly rcode: number }
  | "silent";

/** How the server answers: by `"name A"` and `"name AAAA"`, in lower case. A name without any record does not exist. */
export interface Zone {
  readonly [question: string]: Record;
}

/** The server. */
export interface NameServer extends AsyncDisposable {
  /** `"udp name A"`, in their order. */
  readonly asked: string[];
}

/** Starts a server at port 53 of an address; `short` makes its datagrams end before the answers. */
export async function nameServer(ns: NsHandle, host: string, zone: Zone, short = false): Promise<NameServer> {
  const asked: string[] = [];
  const answer = (question: Uint8Array, how: "udp" | "tcp"): Uint8Array | undefined => {
    const { text, end } = questionOf(question);
    asked.push(`${how} ${text}`);
    return reply(question.subarray(0, end), text, zone, how === "udp" && short);
  };
  const udp = await ns.datagram({ host, port: 53 });
  udp.on("message", (message, from) => {
    const bytes = answer(message, "udp");
    if (bytes !== undefined) udp.send(bytes, from.port, from.address);
  });
  const tcp = createServer((socket) => {
    socket.on("error", () => undefined).on("data", (data: Uint8Array) => {
      const bytes = answer(data.subarray(2), "tcp");
      if (bytes !== undefined) socket.end(new Uint8Array([bytes.length >> 8, bytes.length & 0xff, ...bytes]));
    });
  });
  await ns.listen(tcp, { host, port: 53 });
  return {
    asked,
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([new Promise<void>((resolve) => void udp.close(() => resolve())), closed(tcp)]);
    },
  };
}

const TYPES = new Map([[1, "A"], [28, "AAAA"]]);

/** The question as text, and where it ends. */
function questionOf(message: Uint8Array): { readonly text: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const type = (message[at + 1] ?? 0) << 8 | (message[at + 2] ?? 0);
  return { text: `${labels.join(".")} ${TYPES.get(type)}`, end: at + 5 };
}

const words = (...values: readonly number[]): number[] => values.flatMap((value) => [value >> 8, value & 0xff]);
/** Points to the name of the question. */
const ASKED = words(0xc00c);
const inWords = (
  name: string,
): number[] => [...name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]), 0];

function reply(question: Uint8Array, text: string, zone: Zone, short: boolean): Uint8Array | undefined {
  const [name = "", type] = text.split(" ");
  const known = zone[`${name.toLowerCase()} ${type}`];
  const exists = Object.keys(zone).some((one) => one.startsWith(`${name.toLowerCase()} `));
  const record = known ?? (exists ? { addresses: [] } : { rcode: 3 });
  if (record === "silent") return undefined;
  const rcode = "rcode" in record ? record.rcode : 0;
  const answers: number[][] = [];
  if ("addresses" in record && !short) {
    if (record.alias !== undefined) {
      const target = inWords(record.alias);
      answers.push([...ASKED, ...words(5, 1, 0, 60, target.length), ...target]);
    }
    for (const address of record.addresses) {
      const bytes = address.includes(":")
        ? address.split(":").flatMap((word) => words(Number.parseInt(word || "0", 16)))
        : address.split(".").map(Number);
      const owner = record.alias === undefined ? ASKED : inWords(record.alias);
      answers.push([...owner, ...words(bytes.length === 4 ? 1 : 28, 1, 0, 60, bytes.length), ...bytes]);
    }
  }
  const head = [
    question[0] ?? 0,
    question[1] ?? 0,
    ...words(0x8180 | (short ? 0x200 : 0) | rcode, 1, answers.length, 0, 0),
  ];
  return new Uint8Array([...head, ...question.subarray(12), ...answers.flat()]);
}
