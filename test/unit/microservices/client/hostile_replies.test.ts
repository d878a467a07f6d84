/** What a container runtime should not send: every reply is read, or refused by the one error for it. */
import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../../../support/properties.ts";
import { anyCharacter } from "../../../support/any_character.ts";
import { linesOf, TOO_LONG } from "../../../../src/microservices/client/lines.ts";
import {
  labelOf,
  MalformedReplyError,
  readContainer,
  readEvent,
  readList,
} from "../../../../src/microservices/client/replies.ts";

// Of Docker 28 and Podman 4.3, as far as it is read here and some of what is not.
const CONTAINER = {
  Id: "d0d59508f903aa",
  Name: "/web-1",
  Created: "2026-11-24T03:17:29Z",
  State: { Status: "running", Running: true, Paused: false, Pid: 4439, StartedAt: "2026-11-24T03:17:30.12Z" },
  Config: { Hostname: "x", Env: ["PATH=/bin", "MICROSERVICE_LABEL=web"], Labels: { "org.example": "db" } },
  HostConfig: { NetworkMode: "container:abc", Binds: null },
  NetworkSettings: { SandboxKey: "/var/run/docker/netns/06e391233fcf", Ports: {} },
};
const EVENT = {
  Type: "container",
  Action: "start",
  Actor: { ID: "d0d59508f903aa", Attributes: { image: "x", name: "y" } },
  timeNano: 1_795_000_000_000_000_000,
};
const LIST = [{ Id: "d0d59508f903aa", Names: ["/y"], Labels: {} }, { Id: "e1", State: "paused" }];

/** What may stand anywhere instead of what should. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    4_194_305,
    "",
    "../../etc",
    "\x1b[31m",
    "\u202e",
    "9".repeat(5000),
  ),
  fc.constantFrom<unknown>("275760-09-13T00:00:00Z", "+275761-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "12.3.4.5"),
  fc.constantFrom<unknown>(JSON.parse('{"__proto__":{"Id":"x"}}'), [], {}, [[]], ["MICROSERVICE_LABEL=\0"], "host"),
  fc.jsonValue({ stringUnit: anyCharacter }),
);

/** `value` with something strange in place of one thing in it, itself included, or with one thing less or more. */
function damaged(value: unknown, steps: readonly number[], put: unknown, kind: string): unknown {
  const [step = 0, ...rest] = steps;
  if (typeof value !== "object" || value === null || steps.length === 0) return put;
  const entries = Object.entries(value);
  const at = step % (entries.length + 1);
  const changed = entries.flatMap(([key, inner], index): [string, unknown][] => {
    if (index !== at) return [[key, inner]];
    if (rest.length === 0 && kind === "remove") return [];
    return [[key, damaged(inner, rest, put, kind)]];
  });
  if (at === entries.length) changed.push(["__proto__", put]);
  return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
}

const reply = (whole: unknown): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 1, arbitrary: strange },
    {
      weight: 9,
      arbitrary: fc.tuple(fc.array(fc.nat(9), { maxLength: 3 }), strange, fc.constantFrom("replace", "remove"))
        .map(([steps, put, kind]) => damaged(whole, steps, put, kind)),
    },
  );

/** Reads; what is thrown must be the error for it, in one line that can be printed. */
function check(read: () => void): void {
  try {
    read();
  } catch (error) {
    assert(error instanceof MalformedReplyError, String(error));
    assert(!/\p{C}/u.test(error.message) && error.message.length < 2000, JSON.stringify(error.message));
  }
}

describe("the readers of a container runtime's replies", () => {
  const runs = { numRuns: 2000 };

  it("read a container or refuse it", () => {
    fc.assert(
      fc.property(reply(CONTAINER), (value) =>
        check(() => {
          const { id, pid, startedAt, ...rest } = readContainer(value);
          assert(/^[\w.-]{1,128}$/.test(id) && (pid === undefined || pid > 0 && pid <= 4_194_304));
          assert(typeof startedAt === "string");
          for (const name of ["org.example", "__proto__", "constructor", "toString", undefined]) {
            const label = labelOf({ id, pid, startedAt, ...rest }, name);
            assert(label === undefined || typeof label === "string" && label !== "", `${name}: ${label}`);
          }
        })),
      runs,
    );
  });

  it("read an event or refuse it", () => {
    fc.assert(
      fc.property(reply(EVENT), (value) =>
        check(() => {
          const { id, action } = readEvent(value);
          assert(/^[\w.-]{1,128}$/.test(id) && typeof action === "string");
        })),
      runs,
    );
  });

  it("read a list or refuse it", () => {
    fc.assert(
      fc.property(reply(LIST), (value) => check(() => assert(readList(value).every((id) => /^[\w.-]+$/.test(id))))),
      runs,
    );
  });
});

describe("linesOf(), of a stream that says anything", () => {
  it("gives lines without ends, whatever the bytes are and wherever they are cut", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom("\n", "\r\n", "{}\n", "\xff\n").map(encode),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const stream = (async function* () {
          for (const one of pieces) yield await Promise.resolve(one);
        })();
        for await (const line of linesOf(stream)) {
          assert(line === TOO_LONG || line !== "" && !line.includes("\n"));
        }
      }),
      { numRuns: 500 },
    );
  });
});

function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
