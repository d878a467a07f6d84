import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { backoff } from "../../../src/async/backoff.ts";
import { type DockerOptions, endpoints, mayBeThere } from "../../../src/microservices/endpoints.ts";

const names = (options: DockerOptions, environment: Record<string, string> = {}): string[] =>
  endpoints(options, (name) => environment[name]).map(({ name }) => name);

describe("endpoints()", () => {
  it("goes by the options, then by DOCKER_HOST, then to the usual sockets", () => {
    const DOCKER_HOST = "unix:///tmp/d.sock";
    assertEquals(names({ socketPath: "/x" }, { DOCKER_HOST }), ["unix:///x"]);
    assertEquals(names({ host: "h" }, { DOCKER_HOST }), ["tcp://h:2375"]);
    assertEquals(names({ host: "::1", port: 1, tls: { ca: "", cert: "", key: "" } }), ["tls://[::1]:1"]);
    assertEquals(names({}, { DOCKER_HOST }), [DOCKER_HOST]);
    assertEquals(names({}, { DOCKER_HOST: "unix://" }), ["unix:///var/run/docker.sock"]);
    assertEquals(names({}, { DOCKER_HOST: "tcp://h:1" }), ["DOCKER_HOST=tcp://h:1"]);
    const usual = ["unix:///var/run/docker.sock", "unix:///run/docker.sock", "unix:///run/podman/podman.sock"];
    assertEquals(names({}, { DOCKER_HOST: "" }), usual);
    assertEquals(names({}, { XDG_RUNTIME_DIR: "/run/user/7" }), [...usual, "unix:///run/user/7/podman/podman.sock"]);
  });

  it("gives a path that DOCKER_HOST does not take the place of", () => {
    const [endpoint] = endpoints({ socketPath: "/x" });
    assertEquals([endpoint?.options["socketPath"], endpoint?.options["host"]], ["/x", undefined]);
    assert("host" in (endpoint?.options ?? {}));
  });
});

describe("mayBeThere()", () => {
  it("looks for a socket, and takes no other file for one", () => {
    for (const path of ["/nonexistent", "/etc/passwd", "/proc"]) {
      assert(endpoints({ socketPath: path }).every((endpoint) => !mayBeThere(endpoint)), path);
    }
    assert(endpoints({ host: "example.org" }).every(mayBeThere));
  });
});

describe("backoff()", () => {
  it("doubles up to five seconds, and is up to half shorter by chance", () => {
    assertEquals([1, 2, 3, 6, 7, 1000].map((failures) => backoff(failures, 0)), [100, 200, 400, 3200, 5000, 5000]);
    assertEquals(backoff(1, 1), 50);
    for (let i = 0; i < 50; i++) assert(backoff(9) >= 2500 && backoff(9) <= 5000);
  });
});
