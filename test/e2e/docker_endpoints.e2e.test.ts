/** Where a container runtime is looked for: compared with what docker(1) says of the same environment and files. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { endpointsBy } from "../../src/microservices/endpoints/endpoints.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { describeService, DOCKER } from "./docker.ts";
import { describeForms } from "./support.ts";

type Environment = Readonly<Record<string, string>>;

describeService(DOCKER, "the endpoint of a container runtime", () => {
  let certificates: Certificates;
  let home: string;
  before(() => {
    certificates = makeCertificates();
    home = mkdtempSync(join(tmpdir(), "netns-home-"));
    const tls = ["ca", "cert", "key"].map((name) => `${name}=${join(certificates.dir, `${name}.pem`)}`).join();
    for (
      const [name, endpoint] of [
        ["unix", "host=unix:///nonexistent/a.sock"],
        ["tcp", "host=tcp://127.0.0.1:1"],
        ["tls", `host=tcp://127.0.0.1:1,${tls}`],
        ["believing", "host=tcp://127.0.0.1:1,skip-tls-verify=true"],
        ["usual", "host="],
      ]
    ) {
      docker({}, "context", "create", `${name}-context`, "--docker", `${endpoint}`);
    }
  });
  after(() => {
    rmSync(home, { recursive: true });
    certificates[Symbol.dispose]();
  });

  const environmentOf = (more: Environment): Record<string, string> => ({
    HOME: home,
    PATH: process.env["PATH"] ?? "",
    ...more,
  });

  function docker(more: Environment, ...words: string[]): string {
    const { stderr, stdout } = spawnSync("docker", words, { encoding: "utf8", env: environmentOf(more) });
    return `${stdout}${stderr}`;
  }

  /** Where docker looks, or its reason not to. */
  function byDocker(more: Environment): string {
    const said = docker(more, "ps");
    return said.match(/Cannot connect to the Docker daemon at (\S+)\. /)?.[1] ?? said;
  }

  /** Where this looks first, named as docker names it, or the reason not to. */
  async function byNetns(more: Environment): Promise<string> {
    const [endpoint] = await endpointsBy({}, (name) => environmentOf(more)[name])();
    if (endpoint === undefined) throw new Error("no endpoint");
    const { name, transport } = endpoint;
    return transport.type === "unusable" ? `${name}: ${transport.reason}` : name.replace(/^tls:/, "tcp:");
  }

  const use = (name: string): string => docker({}, "context", "use", name);

  it("is docker's, by DOCKER_HOST and DOCKER_CONTEXT", async () => {
    const environments: Environment[] = [
      ...["unix:///nonexistent/b.sock", " unix:///nonexistent/b.sock\n", "unix://nonexistent/b.sock"].map(byHost),
      ...["tcp://127.0.0.1:1", "127.0.0.1:1", ":1", "[::1]:1", "tcp://u:secret@127.0.0.1:1", "  "].map(byHost),
      { DOCKER_CONTEXT: "unix-context" },
      { DOCKER_CONTEXT: "tcp-context" },
      { DOCKER_CONTEXT: "tls-context" },
      { DOCKER_CONTEXT: "believing-context" },
      { DOCKER_CONTEXT: "unix-context", DOCKER_HOST: "127.0.0.1:1" },
      { DOCKER_CONTEXT: "default", DOCKER_HOST: "127.0.0.1:1" },
      { DOCKER_TLS_VERIFY: "0", DOCKER_HOST: "127.0.0.1:1", DOCKER_CERT_PATH: certificates.dir },
    ];
    for (const one of environments) assertEquals(await byNetns(one), byDocker(one), JSON.stringify(one));
    for (const one of environments) assert(!(await byNetns(one)).includes("secret"));
  });

  it("is docker's, by the context that is used, and the usual one by default", async () => {
    const usual = "unix:///var/run/docker.sock";
    for (const name of ["unix-context", "tcp-context", "tls-context"]) {
      use(name);
      for (const one of [{}, { DOCKER_HOST: "127.0.0.1:1" }, { DOCKER_CONTEXT: "tcp-context" }]) {
        assertEquals(await byNetns(one), byDocker(one), `${name} ${JSON.stringify(one)}`);
      }
      assertEquals(await byNetns({ DOCKER_CONTEXT: "default" }), usual);
    }
    use("usual-context");
    assertEquals(await byNetns({}), usual);
    use("default");
    assertEquals(await byNetns({}), usual);
  });

  it("has the certificates of its context, or of DOCKER_CERT_PATH, or of the configuration", async () => {
    const tlsBy = async (more: Environment) => {
      const [endpoint] = await endpointsBy({}, (name) => environmentOf(more)[name])();
      return endpoint?.transport.type === "tls" ? endpoint.transport.tls : endpoint?.transport;
    };
    const whole = await tlsBy({ DOCKER_CONTEXT: "tls-context" });
    assert(whole !== undefined && "ca" in whole);
    assertMatch(`${whole.ca}${whole.cert}${whole.key}`, /^(-----BEGIN [^]+?-----END [^\n]+\n){3}$/);
    assertEquals(whole.verify, true);
    assertEquals(await tlsBy({ DOCKER_CONTEXT: "believing-context" }), { verify: false });
    const DOCKER_HOST = "tcp://127.0.0.1";
    const byPath = { DOCKER_HOST, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates.dir };
    assertEquals(await tlsBy(byPath), whole);
    const DOCKER_CONFIG = join(home, "other");
    mkdirSync(DOCKER_CONFIG);
    copyFileSync(join(certificates.dir, "ca.pem"), join(DOCKER_CONFIG, "ca.pem"));
    assertEquals(await tlsBy({ DOCKER_HOST, DOCKER_TLS_VERIFY: "true", DOCKER_CONFIG }), {
      verify: true,
      ca: whole.ca,
    });
    copyFileSync(join(certificates.dir, "key.pem"), join(DOCKER_CONFIG, "key.pem"));
    assertMatch(
      await byNetns({ DOCKER_HOST, DOCKER_TLS_VERIFY: "1", DOCKER_CONFIG }),
      /has key\.pem without cert\.pem$/,
    );
  });

  it("goes on without a config.json that cannot be read, as docker does", async () => {
    const DOCKER_CONFIG = join(home, "broken");
    mkdirSync(DOCKER_CONFIG);
    for (const text of ["{", "[]", '{"currentContext":5}', '{"auths":{}}']) {
      writeFileSync(join(DOCKER_CONFIG, "config.json"), text);
      assertEquals(await byNetns({ DOCKER_CONFIG }), "unix:///var/run/docker.sock");
    }
    writeFileSync(join(DOCKER_CONFIG, "config.json"), '{"currentContext":"gone"}');
    assertMatch(await byNetns({ DOCKER_CONFIG }), /^context "gone": there is no such context; docker context ls/);
    assertMatch(byDocker({ DOCKER_CONFIG }), /context "gone".* not found/i);
    rmSync(join(DOCKER_CONFIG, "config.json"));
    spawnSync("mkfifo", [join(DOCKER_CONFIG, "config.json")]);
    assertEquals(await byNetns({ DOCKER_CONFIG }), "unix:///var/run/docker.sock");
  });
});

const byHost = (DOCKER_HOST: string): Environment => ({ DOCKER_HOST });

/** Root without the right to use everybody's files, as in many containers. */
const CONFINED = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"];

describeForms("the command at a socket that it may not use", (command) => {
  let folder: string;
  let server: Server;
  let DOCKER_HOST: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "netns-socket-"));
    const path = join(folder, "docker.sock");
    server = createServer().listen(path);
    await once(server, "listening");
    chownSync(path, 65534, 4); // group adm
    chmodSync(path, 0o660);
    DOCKER_HOST = `unix://${path}`;
  });
  after(async () => {
    server.close();
    await once(server, "close");
    rmSync(folder, { recursive: true });
  });

  const run = (...words: string[]) => {
    const [program = "", ...args] = [...CONFINED, ...command, ...words];
    return spawnSync(program, args, { encoding: "utf8", env: { ...process.env, DOCKER_HOST, NO_COLOR: "1" } });
  };

  it("says whose it is", () => {
    const expected = `permission denied on ${join(folder, "docker.sock")}: run as root (sudo), ` +
      `or as a member of the group "adm", to which ${join(folder, "docker.sock")} belongs`;
    const listed = run("microservices");
    assertEquals(listed.stderr, `error: no container runtime can be reached (${DOCKER_HOST}: ${expected})\n`);
    assertEquals(listed.status, 1);
    const entered = run("exec", "MICROSERVICE:web", "true");
    assertStringIncludes(entered.stderr, expected);
    const checked = JSON.parse(run("doctor", "--json").stdout) as { check: string; detail: string; remedy?: string }[];
    const found = checked.find(({ check }) => check === DOCKER_HOST);
    assertEquals(`${found?.detail}: ${found?.remedy}`, expected);
  });

  it("says which directory is closed to this user", () => {
    chownSync(folder, 65534, 65534);
    chmodSync(folder, 0o700);
    assertStringIncludes(
      run("microservices").stderr,
      `permission denied: this user may not enter ${folder}: run as root`,
    );
  });
});
