import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Container,
  labelOf,
  MalformedReplyError,
  readContainer,
  readEvent,
  readList,
} from "../../../../src/microservices/client/replies.ts";

/** What Docker 28 says of a running container, as far as it is read here. */
const docker = {
  Id: "d0d59508f903",
  State: { Status: "running", Running: true, Paused: false, Pid: 4439, StartedAt: "2026-11-24T03:17:30.12Z" },
  Config: { Env: ["PATH=/bin", "MICROSERVICE_LABEL=web"], Labels: { "org.example": "db" } },
  HostConfig: { NetworkMode: "none" },
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
      network: undefined,
    });
    const podman = { ...docker.State, StartedAt: "2026-11-24T05:17:30.120000001+02:00" };
    assertEquals(readContainer({ ...docker, State: podman }).startedAt, "2026-11-24T03:17:30.120000001Z");
    const empty = readContainer({ ...docker, Config: { Env: null, Labels: null }, HostConfig: null });
    assertEquals([empty.environment, empty.labels, empty.network], [[], {}, undefined]);
  });

  it("says whose network it is", () => {
    const network = (NetworkMode: string) => readContainer({ ...docker, HostConfig: { NetworkMode } }).network;
    assertEquals(["host", "container:abc", "bridge", "hosting"].map(network), ["host", "shared", undefined, undefined]);
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
    ];
    for (const [reply, message] of bad) {
      const error = assertThrows(() => readContainer(reply), MalformedReplyError);
      assert(message.test(error.message), error.message);
    }
    assertThrows(() => readList({}), MalformedReplyError, "a list of containers");
    assertThrows(() => readList([{ Id: 4 }]), MalformedReplyError, "0.Id");
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
