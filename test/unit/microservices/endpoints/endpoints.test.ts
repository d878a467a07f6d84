import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NsHandler } from "@netns/netns";
import { obstacleTo } from "../../../../src/microservices/endpoints/socket_access.ts";
import type { Endpoint } from "../../../../src/microservices/endpoints/endpoint.ts";
import { type DockerOptions, endpointsBy } from "../../../../src/microservices/endpoints/endpoints.ts";

const found = (options: DockerOptions, environment: Record<string, string> = {}): Promise<readonly Endpoint[]> =>
  endpointsBy(options, (name) => environment[name])();

const names = async (options: DockerOptions, environment?: Record<string, string>): Promise<string[]> =>
  (await found(options, environment)).map(({ name }) => name);

/** What a value of DOCKER_HOST leads to, or why it cannot be used. */
async function byHost(DOCKER_HOST: string, more: Record<string, string> = {}): Promise<string> {
  const [endpoint] = await found({}, { DOCKER_HOST, ...more });
  if (endpoint === undefined) throw new Error("no endpoint");
  return endpoint.transport.type === "unusable" ? `${endpoint.name}: ${endpoint.transport.reason}` : endpoint.name;
}

const USUAL = ["unix:///var/run/docker.sock", "unix:///run/docker.sock", "unix:///run/podman/podman.sock"];

describe("endpointsBy()", () => {
  it("goes by the options, then by DOCKER_HOST, then to the usual sockets", async () => {
    const DOCKER_HOST = "unix:///tmp/d.sock";
    assertEquals(await names({ socketPath: "/x" }, { DOCKER_HOST }), ["unix:///x"]);
    assertEquals(await names({ host: "h" }, { DOCKER_HOST }), ["tcp://h:2375"]);
    assertEquals(await names({ host: "::1", port: 1, tls: { ca: "", cert: "", key: "" } }), ["tls://[::1]:1"]);
    assertEquals(await names({}, { DOCKER_HOST }), [DOCKER_HOST]);
    assertEquals(await names({}), USUAL);
    const own = ["unix:///run/user/7/docker.sock", "unix:///run/user/7/podman/podman.sock"];
    assertEquals(await names({}, { XDG_RUNTIME_DIR: "/run/user/7" }), [...USUAL, ...own]);
  });

  it("takes blanks alone for no DOCKER_HOST, and does not count those around it", async () => {
    for (const blank of ["", " ", "\t\n"]) assertEquals(await names({}, { DOCKER_HOST: blank }), USUAL);
    assertEquals(await byHost(" unix:///s.sock \n"), "unix:///s.sock");
  });

  it("reads DOCKER_HOST as docker does", async () => {
    const rows: [given: string, endpoint: string][] = [
      ["unix://", "unix:///var/run/docker.sock"],
      ["unix://x/y", "unix://x/y"],
      ["unix:///a@b.sock", "unix:///a@b.sock"],
      ["tcp://h:1", "tcp://h:1"],
      ["tcp://h", "tcp://h:2375"],
      ["tcp://h/", "tcp://h:2375"],
      ["tcp://", "tcp://localhost:2375"],
      ["h", "tcp://h:2375"],
      ["127.0.0.1:1", "tcp://127.0.0.1:1"],
      [":2375", "tcp://localhost:2375"],
      ["[::1]:5", "tcp://[::1]:5"],
      ["tcp://::1", "tcp://[::1]:2375"],
      ["http://h:1", "tcp://h:1"],
      ["https://h", "tls://h:2376"],
      ["https://h:1", "tls://h:1"],
      ["tcp://user:secret@h:1", "tcp://h:1"],
      ["user:se@cret@h:1", "tcp://h:1"],
    ];
    for (const [given, endpoint] of rows) assertEquals(await byHost(given), endpoint, given);
  });

  it("says why a DOCKER_HOST cannot be used, and prints no password", async () => {
    const rows: [given: string, reason: RegExp][] = [
      ["ssh://me:secret@h", /^DOCKER_HOST=ssh:\/\/h: ssh:\/\/ leads to another machine.*run netns there/],
      ["foo://x", /^DOCKER_HOST=foo:\/\/x: it has the scheme "foo": expected unix:\/\/\/PATH/],
      ["fd://", /the scheme "fd"/],
      ["UNIX:///x", /the scheme "UNIX"/],
      ["/var/run/docker.sock", /it has no host; a socket is unix:\/\/\/PATH/],
      ["tcp://u:secret@h:1/path", /a path after the host/],
      ["tcp://u:sec/ret@h:1", /^DOCKER_HOST=tcp:\/\/h:1: /],
      ["tcp://u:secret@h:0", /the port 0/],
      ["tcp://h:65536", /the port 65536/],
      ["tcp://u:secret@h:abc", /no host that can be used/],
      ["tcp://[1.2.3.4]:1", /no host that can be used/],
      ["tcp://a b", /no host that can be used/],
      ["u:secret@h:x", /^DOCKER_HOST=h:x: /],
    ];
    for (const [given, reason] of rows) {
      const text = await byHost(given);
      assert(reason.test(text) && !/secret|sec|ret@/.test(text), `${given}: ${text}`);
    }
  });

  it("shows an option that cannot become text", () => {
    const port = { toString: 1 } as unknown as number;
    assertThrows(() => endpointsBy({ host: "h", port }), TypeError, 'Cannot use {"toString":1} as docker.port');
  });

  it("takes any value of DOCKER_TLS_VERIFY for TLS, and needs its authority", async () => {
    const DOCKER_CERT_PATH = "/nonexistent/certificates";
    for (const DOCKER_TLS_VERIFY of ["1", "true", "0"]) {
      const text = await byHost("tcp://h", { DOCKER_TLS_VERIFY, DOCKER_CERT_PATH });
      assertEquals(text, `DOCKER_HOST=tcp://h: there is no ${DOCKER_CERT_PATH}/ca.pem`);
    }
    const inHome = await byHost("tcp://h", { DOCKER_TLS_VERIFY: "1", HOME: "/nonexistent" });
    assertEquals(inHome, "DOCKER_HOST=tcp://h: there is no /nonexistent/.docker/ca.pem");
    assertEquals(await byHost("tcp://h", { DOCKER_TLS_VERIFY: "", DOCKER_CERT_PATH }), "tcp://h:2375");
    assertEquals(await byHost("unix:///s", { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH }), "unix:///s");
    const [believing] = await found({}, { DOCKER_HOST: "tcp://h", DOCKER_TLS: "1", DOCKER_CERT_PATH });
    assertEquals(believing?.transport, { type: "tls", host: "h", port: 2376, tls: { verify: false } });
    const [secure] = await found({}, { DOCKER_HOST: "https://h", DOCKER_CERT_PATH });
    assertEquals(secure?.transport, { type: "tls", host: "h", port: 2376, tls: { verify: true } });
  });

  it("says so if there is no such context, and takes default for none", async () => {
    const HOME = "/nonexistent";
    const [endpoint] = await found({}, { DOCKER_CONTEXT: "lab", HOME });
    const reason = "there is no such context; docker context ls shows those there are";
    assertEquals(endpoint, { name: 'context "lab"', transport: { type: "unusable", reason } });
    assertEquals(await names({}, { DOCKER_CONTEXT: "default", HOME }), USUAL);
    assertEquals(await names({}, { DOCKER_CONTEXT: "lab", DOCKER_HOST: "h", HOME }), ["tcp://h:2375"]);
  });

  it("reads an address where a host or a path is expected, or refuses the option", async () => {
    assertEquals(await names({ host: "tcp://127.0.0.1:2376" }), ["tcp://127.0.0.1:2376"]);
    assertEquals(await names({ host: "10.0.0.1:99" }), ["tcp://10.0.0.1:99"]);
    assertEquals(await names({ host: "https://h", port: 5 }), ["tls://h:5"]);
    assertEquals(await names({ host: "unix:///s" }), ["unix:///s"]);
    assertEquals(await names({ socketPath: "unix:///s" }), ["unix:///s"]);
    const rows: [DockerOptions, RegExp][] = [
      [{ host: "" }, /^Cannot use "" as docker\.host: it is empty/],
      [{ host: " " }, /docker\.host/],
      [{ host: "ssh://u:secret@h" }, /^Cannot use "ssh:\/\/h" as docker\.host: ssh:\/\/ leads to another machine/],
      [{ socketPath: "" }, /docker\.socketPath: it is empty/],
      [{ socketPath: "a\0b" }, /docker\.socketPath/],
      [{ socketPath: "tcp://h:1" }, /docker\.socketPath: it is the address of a host: give it as docker\.host/],
      [{ host: "h", port: 0 }, /^Cannot use 0 as docker\.port/],
      [{ host: "h:1", port: 2 }, /docker\.host has the port 1/],
    ];
    for (const [options, message] of rows) {
      const error = assertThrows(() => endpointsBy(options), TypeError);
      assert(message.test(error.message) && !error.message.includes("secret"), error.message);
      assertEquals(assertThrows(() => new NsHandler({ docker: options }), TypeError).message, error.message);
    }
  });
});

describe("obstacleTo()", () => {
  const at = (path: string): Endpoint => ({ name: path, transport: { type: "unix", path } });

  it("distinguishes what is not there from what is no socket, and knows nothing of other machines", () => {
    assertEquals(obstacleTo(at("/nonexistent")), { kind: "absent", reason: "there is no such socket" });
    for (const path of ["/etc/passwd", "/proc"]) {
      assertEquals(obstacleTo(at(path)), { kind: "unusable", reason: "it is not a socket" });
    }
    assertEquals(obstacleTo({ name: "h", transport: { type: "tcp", host: "h", port: 1 } }), undefined);
  });
});
