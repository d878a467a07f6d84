/** What concerns a whole process: whose certificates `fetch` trusts, and how long a worker keeps it. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeAsRoot } from "../integration/support/traces.ts";
import { makeCertificates } from "./certificates.ts";
import { root } from "./support.ts";

/** The line that a program prints, whose process ends by itself. */
function printed([command = "", ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const options = { encoding: "utf8", env: { ...process.env, ...env }, timeout: 120_000 } as const;
  const { status, signal, stdout, stderr } = spawnSync(command, args, options);
  assertEquals([status, signal], [0, null], stderr);
  return stdout.trim();
}

const inNode = (program: string): string[] => ["node", "--input-type=module", "-e", program];
const inDeno = (program: string): string[] => [process.execPath, "eval", program];

describeAsRoot("NsHandle.fetch()", () => {
  const asking = (dist: string, dir: string): string => `
    import { readFileSync } from "node:fs";
    import { createServer } from "node:https";
    import { NsHandle } from "${root}dist/${dist}";
    const file = (name) => readFileSync("${dir}/" + name);
    const ns = NsHandle.create();
    const netlink = ns.netlink();
    netlink.setLink({ name: "lo" }, { up: true });
    netlink.close();
    const options = { key: file("server-key.pem"), cert: file("server.pem") };
    const server = createServer(options, (_, response) => response.end("trusted"));
    await ns.listen(server, { host: "127.0.0.1", port: 443 });
    console.log(await ns.fetch("https://127.0.0.1/").then((response) => response.text(), () => "not trusted"));
    ns.close();
    server.close();
  `;

  it("trusts the certificates that the runtime is given", () => {
    using certificates = makeCertificates();
    const { dir } = certificates;
    const ca = `${dir}/ca.pem`;
    assertEquals(printed(inNode(asking("mod.js", dir)), { NODE_EXTRA_CA_CERTS: ca }), "trusted");
    assertEquals(printed(inDeno(asking("deno/mod.js", dir)), { DENO_CERT: ca }), "trusted");
    assertEquals(printed(inDeno(asking("deno/mod.js", dir))), "not trusted");
  });
});

describeAsRoot("NsHandle.worker()", () => {
  const working = (dist: string): string => `
    import { NsHandle } from "${root}dist/${dist}";
    const ns = NsHandle.create();
    const later = "export const later = () => new Promise((resolve) => setTimeout(resolve, 50, 'answered'));";
    const worker = await ns.worker("data:text/javascript," + encodeURIComponent(later));
    void worker.call("later").then(console.log);
    ns.close();
  `;

  it("keeps the process as long as a call is open, and no longer", () => {
    assertEquals(printed(inNode(working("mod.js"))), "answered");
    assertEquals(printed(inDeno(working("deno/mod.js"))), "answered");
  });
});
