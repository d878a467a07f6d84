/**
 * Asks the YAML language server, which editors use, what it says of the example files with `dist/schema.json`: of each it
 * must say nothing, and of files with faults where they are. npm fetches it into `node_modules/.cache/`.
 *
 *     deno run -A scripts/editor.ts
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { root } from "./bundle.ts";

const SERVER = "yaml-language-server@1.25.0";
const CACHE = join(root, "node_modules/.cache/netns-editor");
const PROGRAM = join(CACHE, "node_modules/yaml-language-server/bin/yaml-language-server");

/** Files with one fault, each with the line of it, counted from 0. */
const FAULTS: readonly (readonly [line: number, text: string])[] = [
  [1, "namespaces: [a]\nlinkss: []\n"],
  [1, "namespaces:\n- {name: a, sysctl: {}}\n"],
  [1, "interfaces:\n- {name: e, type: VXLAM}\n"],
  [1, "interfaces:\n- {name: e, type: DUMMY, mtu: big}\n"],
  [1, "interfaces:\n- {name: e, type: DUMMY, ipAddresses: [10.0.0.1/33]}\n"],
  [1, "links:\n- ends: [a eth0]\n"],
  [1, "routes:\n- {name: r, gwAddr: 10.0.0.300}\n"],
  [1, "firewall:\n- {name: f, namespace: a, out: block}\n"],
  [1, "namespaces:\n- {name: a, sysctls: {kernel.hostname: b}}\n"],
  [1, "interfaces:\n- {name: e, type: DUMMY, vlan: {parent: x, id: 1}}\n"],
  [1, "interfaces:\n- {name: e, type: DUMMY, namespace: {type: NAMED_NS, name: a/b}}\n"],
  [1, "interfaces:\n- {name: e, type: DUMMY, impair: {delay: 20}}\n"],
  [1, "interfaces:\n- {name: e, type: TUNNEL, tunnel: {mode: gre, local: 'fd00::1'}}\n"],
  [1, "interfaces:\n- {name: e, type: WIREGUARD, wireguard: {privateKey: abc}}\n"],
  [1, "interfaces:\n- {name: a-name-that-is-too-long, type: DUMMY}\n"],
  [1, "routes:\n- a 10.0.0.0/33 via 10.0.0.1\n"],
  [1, "routes:\n- {name: r, default: true, dstIpAddr: 10.0.0.0/24, interface: e}\n"],
  [1, "routes:\n- {name: r, dstIpAddr: 10.0.0.0/24, gwAddr: 'fd00::1'}\n"],
  [1, "forwards:\n- {name: f, in: e, protocol: tcp, port: 1-2, to: '10.0.0.1:80'}\n"],
];

/** What says nothing to the writer of a file: a regular expression, and rules that the schema is made of. */
const UNCLEAR = /match the pattern|Expected "null"|maximum of 0/;

/** What the server says of a part of a file. */
interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number } };
}

/** A message of the Language Server Protocol. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly uri?: string; readonly diagnostics?: readonly Diagnostic[] };
}

/** The server, as a process that speaks the Language Server Protocol. */
class Server implements Disposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #schema: string;
  readonly #waiting = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
  #received = new Uint8Array();

  constructor(schema: string) {
    this.#schema = schema;
    this.#process = spawn("node", [PROGRAM, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdout.on("data", (bytes: Uint8Array) => this.#read(bytes));
    this.#send({ id: 0, method: "initialize", params: { processId: process.pid, rootUri: null, capabilities: {} } });
    this.#send({ method: "initialized", params: {} });
    const yaml = { schemaStore: { enable: false }, validate: true };
    this.#send({ method: "workspace/didChangeConfiguration", params: { settings: { yaml } } });
  }

  /** What it says of a file. */
  diagnostics(name: string, text: string): Promise<readonly Diagnostic[]> {
    const uri = `file:///netns/${name}`;
    const said = new Promise<readonly Diagnostic[]>((resolve) => this.#waiting.set(uri, resolve));
    // The first line is what its users write in a file.
    const whole = `# yaml-language-server: $schema=${this.#schema}\n${text}`;
    const textDocument = { uri, languageId: "yaml", version: 1, text: whole };
    this.#send({ method: "textDocument/didOpen", params: { textDocument } });
    return said;
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`);
  }

  #read(bytes: Uint8Array): void {
    this.#received = Uint8Array.from([...this.#received, ...bytes]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(new TextDecoder().decode(this.#received));
      const end = head === null ? Infinity : head[0].length + Number(head[1]);
      if (head === null || this.#received.length < end) return;
      const body = new TextDecoder().decode(this.#received.slice(head[0].length, end));
      this.#received = this.#received.slice(end);
      this.#hear(JSON.parse(body) as Message);
    }
  }

  #hear({ id, method, params }: Message): void {
    if (method === "textDocument/publishDiagnostics") this.#waiting.get(params?.uri ?? "")?.(params?.diagnostics ?? []);
    else if (id !== undefined && method !== undefined) this.#send({ id, result: null });
  }
}

if (!existsSync(PROGRAM)) {
  mkdirSync(CACHE, { recursive: true });
  const args = ["install", "--prefix", CACHE, "--no-save", "--loglevel=error", SERVER];
  if (spawnSync("npm", args, { stdio: "inherit" }).status !== 0) process.exit(1);
}
using server = new Server(pathToFileURL(join(root, "dist/schema.json")).href);
const folder = join(root, "test/examples");
let faults = 0;
for (const name of readdirSync(folder).filter((one) => one.endsWith(".yaml"))) {
  for (const { message, range } of await server.diagnostics(name, readFileSync(join(folder, name), "utf8"))) {
    console.error(`${name}:${range.start.line}: ${message}`);
    faults++;
  }
}
for (const [index, [line, text]] of FAULTS.entries()) {
  const said = await server.diagnostics(`fault${index}.yaml`, text);
  console.log(`${said.map(({ message }) => message).join("; ")}`);
  const isSound = said.every(({ message, range }) => range.start.line === line + 1 && !UNCLEAR.test(message));
  if (said.length > 0 && isSound) continue;
  console.error(`${JSON.stringify(text)}: expected a fault in line ${line + 1}, got ${JSON.stringify(said)}`);
  faults++;
}
process.exitCode = faults > 0 ? 1 : 0;
