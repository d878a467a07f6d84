import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { constants } from "node:os";
import { ConfigError, InvalidNamespaceError, NamespaceSwitchError, NetlinkError } from "@netns/netns";
import { isErrno, reasonOf, shown, SyscallError } from "../../src/errors.ts";
import { firstErrorOf } from "../../src/reason.ts";

const { EEXIST, ENOENT, EPERM } = constants.errno;

describe("isErrno()", () => {
  it("is true of a system call that failed with one of the errors, and of nothing else", () => {
    const error = new SyscallError("open", ENOENT, { path: "/nope" });
    assert(isErrno(error, "ENOENT") && isErrno(error, "EEXIST", "ENOENT"));
    assert(!isErrno(error, "EEXIST") && !isErrno(error));
    assert(!isErrno(new NetlinkError("RTM_GETLINK", ENOENT), "ENOENT"));
    assert(!isErrno("ENOENT", "ENOENT") && !isErrno(undefined, "ENOENT"));
  });
});

describe("reasonOf()", () => {
  it("gives the message of an error, and anything else as text", () => {
    assertEquals(["a\n", "b", 7, undefined].map((value) => reasonOf(value)), ["a\n", "b", "7", "undefined"]);
    assertEquals(reasonOf(new RangeError(" over \n")), "over");
  });

  it("gives what TLS says in Node, without the line of OpenSSL that says it", () => {
    const text = "40DD:error:0A000412:SSL routines:ssl3_read_bytes:tls alert bad certificate:../rec_layer_s3.c:918:";
    const error = Object.assign(new Error(text), { library: "SSL routines", reason: "tls alert bad certificate" });
    assertEquals(reasonOf(error), "tls alert bad certificate");
  });

  it("says what came first, and what came while all was closed, but no sentence twice", () => {
    const full = new Error("write /dev/full: No space left");
    const suppressed = (error: unknown) =>
      Object.assign(new Error("An error was suppressed"), {
        name: "SuppressedError",
        error,
        suppressed: full,
      });
    assertEquals(reasonOf(suppressed(new Error("close failed"))), `${full.message}; then close failed`);
    assertEquals(reasonOf(suppressed(suppressed(full))), full.message);
    assertEquals(firstErrorOf(suppressed(new Error("close failed"))), full);
    assertEquals(firstErrorOf(7), 7);
  });
});

describe("NetlinkError", () => {
  it("has the reason and the remedy apart, and both in its message", () => {
    const refused = new NetlinkError("RTM_NEWLINK eth0", EPERM);
    assertEquals(refused.reason, "RTM_NEWLINK eth0: Operation not permitted (EPERM)");
    assertEquals(refused.message, `${refused.reason}; ${refused.remedy}`);
    const up = new NetlinkError("RTM_NEWLINK eth0", EPERM, "Device can not be enslaved while up");
    assertEquals([up.message, up.remedy], [up.reason, undefined], "the kernel says why");
    const taken = new NetlinkError("RTM_NEWLINK eth0", EEXIST, "the name is taken");
    assertEquals([taken.remedy, taken.message], [undefined, taken.reason]);
    assertEquals(taken.reason, "RTM_NEWLINK eth0: File exists (EEXIST): the name is taken");
  });
});

describe("shown()", () => {
  it("quotes text, and cuts what is long or deep", () => {
    assertEquals(shown("a\nb"), '"a\\nb"');
    assertEquals(shown(5n), "5n");
    assertEquals(shown([5n, () => 1]), "[5n,a function]");
    assertEquals(shown("x".repeat(1000)).length < 200, true);
    const ring: unknown[] = [];
    ring.push(ring);
    assert(shown(ring).length < 200 && shown(ring).endsWith("…"));
    assertEquals(shown({ a: [1, "b"] }), '{"a":[1,"b"]}');
  });
});

describe("ConfigError", () => {
  it("has every fault, and lists the first 500", () => {
    const issue = { path: "a", value: 1, expected: "2" };
    const error = new ConfigError(Array.from({ length: 600 }, () => issue), "x.yaml");
    assertEquals(error.issues.length, 600);
    assertEquals(error.message.split("\n").length, 502);
    assert(error.message.endsWith("and 100 more faults"));
    assertEquals(new ConfigError([issue]).message, "Cannot use the configuration: a: 1, expected 2");
  });
});

describe("every error", () => {
  it("has the name of its class", () => {
    const errors = [
      new InvalidNamespaceError("", "a name", "text"),
      new NamespaceSwitchError("x"),
      new ConfigError([]),
    ];
    for (const error of errors) assertEquals(error.name, error.constructor.name);
  });
});
