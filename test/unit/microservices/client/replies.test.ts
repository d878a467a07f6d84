import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Container,
  labelOf,
  MalformedReplyError,
  readContainer,
  readEvent,
  readList,
  readPing,
  readVersion,
} from "../../../../src/microservices/client/replies.ts";

/** What Docker 28 says of a running container, as far as it is read here. */
const docker = {
  Id: "d0d59508f903",
  Name: "/web-1",
  State: { Status: "running", Running: true, Paused: false, Pid: 4439, StartedAt: "2026-11-24T03:17:30.12Z" },
  Config: { Image: "busybox", Env: ["PATH=/bin", "MICROSERVICE_LABEL=web"], Labels: { "org.example": "db" } },
  HostConfig: { NetworkMode: "none" },
  NetworkSettings: { SandboxKey: "/var/run/docker/netns/06e391233fcf" },
};

const labelled = (environment: string[], labels = {}): Container => ({ ...readContainer(docker), environment, labels });

describe("readContainer()", () => {
  it("reads what Docker and Podman send", () => {
    assertEquals(readContainer(docker), {
      id: "d0d59508f903",
      pid: 4439,
      startedAt: "2026-11-24T03:17:30.120000000Z",
      environment: ["PATH=/bin", "MICROSERVICE_LABEL=web"],
      labels: { "org.example": "db" },
      name: "web-1",
      image: "busybox",
      networkMode: "none",
      sandboxKey: "/var/run/docker/netns/06e391233fcf",
    });
    const podman = { ...docker.State, StartedAt: "2026-11-24T05:17:30.120000001+02:00" };
    assertEquals(readContainer({ ...docker, State: podman }).startedAt, "2026-11-24T03:17:30.120000001Z");
    const nothing = { Name: null, Config: { Env: null, Labels: null }, HostConfig: null, NetworkSettings: null };
    const { environment, labels, name, image, networkMode, sandboxKey } = readContainer({ ...docker, ...nothing });
    assertEquals([environment, labels, name, image, networkMode, sandboxKey], [[], {}, "", "", "", ""]);
  });

  it("knows no PID of one that does not run, or waits to be started again", () => {
    const pid = (change: object) => readContainer({ ...docker, State: { ...docker.State, ...change } }).pid;
    assertEquals([pid({ Running: false }), pid({ Pid: 0 }), pid({ Paused: true })], [undefined, undefined, 4439]);
  });

  it("refuses what is malformed, and says where", () => {
    const bad: [unknown, RegExp][] = [
      [null, /a description of a container.*null/],
      [new Uint8Array(2), /Id/],
      [{ ...docker, Id: "../../etc" }, /Id: expected a container id.*\.\./],
      [{ ...docker, State: { ...docker.State, Pid: "42" } }, /State\.Pid/],
      [{ ...docker, State: { ...docker.State, Pid: -1 } }, /State\.Pid/],
      [{ ...docker, State: { ...docker.State, Pid: 1e9 } }, /State\.Pid/],
      [{ ...docker, Config: { Env: "x" } }, /Config\.Env/],
      [{ ...docker, Name: "x".repeat(4097) }, /Name: expected at most 4096 characters/],
    ];
    for (const [reply, message] of bad) {
      const error = assertThrows(() => readContainer(reply), MalformedReplyError);
      assert(message.test(error.message), error.message);
    }
    assertThrows(() => readList({}), MalformedReplyError, "a list of containers");
    assertThrows(() => readList([{ Id: 4 }]), MalformedReplyError, "0.Id");
    const many = Array.from({ length: 16_385 }, () => ({ Id: "a" }));
    assertThrows(() => readList(many), MalformedReplyError, "expected at most 16384 containers");
    assertThrows(() => readEvent({ Action: "start" }), MalformedReplyError, "an event");
  });
});

describe("labelOf()", () => {
  it("is the variable; an empty one is none", () => {
    assertEquals(labelOf(labelled(["MICROSERVICE_LABEL=web"])), "web");
    assertEquals(labelOf(labelled(["MICROSERVICE_LABEL=a=b "])), "a=b ");
    for (const none of [[], ["MICROSERVICE_LABEL="], ["MICROSERVICE_LABEL"], ["XMICROSERVICE_LABEL=x"]]) {
      assertEquals(labelOf(labelled(none)), undefined);
    }
  });

  it("is the container label that was chosen, where there is no variable", () => {
    assertEquals(labelOf(labelled([], { "org.example": "db" })), undefined);
    assertEquals(labelOf(labelled([], { "org.example": "db" }), "org.example"), "db");
    assertEquals(labelOf(labelled(["MICROSERVICE_LABEL="], { "org.example": "db" }), "org.example"), "db");
    assertEquals(labelOf(labelled(["MICROSERVICE_LABEL=web"], { "org.example": "db" }), "org.example"), "web");
    assertEquals(labelOf(labelled([], { "org.example": "" }), "org.example"), undefined);
  });
});

describe("readVersion() and readPing()", () => {
  it("read the version of the API, and refuse or leave out what is none", () => {
    assertEquals(readVersion({ ApiVersion: "1.41" }).version, "1.41");
    assertThrows(
      () => readVersion({ ApiVersion: "../1.41" }),
      MalformedReplyError,
      "ApiVersion: expected a version such",
    );
    assertThrows(() => readVersion({}), MalformedReplyError, "ApiVersion");
    assertEquals(readPing({ "api-version": "1.50" })?.version, "1.50");
    for (const wrong of [undefined, "", "x", ["1.41", "1.42"], "1.41\r\n"]) {
      assertEquals(readPing({ "api-version": wrong }), undefined);
    }
  });

  it("know what the runtime calls itself", () => {
    const product = (...names: string[]) =>
      readVersion({ ApiVersion: "1.41", Components: names.map((Name) => ({ Name })) }).product;
    assertEquals(product("Engine", "containerd", "runc"), "Docker");
    assertEquals(product("Podman Engine", "Conmon"), "Podman");
    assertEquals(product(), "the container runtime");
    const server = (name: string) => readPing({ "api-version": "1.41", server: name })?.product;
    assertEquals(["Docker/28.2.2 (linux)", "Libpod/4.3.1 (linux)", "nginx", ""].map(server), [
      "Docker",
      "Podman",
      "the container runtime",
      "the container runtime",
    ]);
  });
});
