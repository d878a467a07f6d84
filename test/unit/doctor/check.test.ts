import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { constants } from "node:os";
import { SyscallError } from "../../../ffi/mod.ts";
import { failed, ok, refused, runCheck, topicOf, warning } from "../../../src/doctor/check.ts";

describe("runCheck()", () => {
  it("makes an error of the check a failure, with the remedy of the error", async () => {
    const verdictOn = (error: unknown) =>
      runCheck({
        name: "x",
        run: () => {
          throw error;
        },
      });
    const text = "lies beyond";
    assertEquals(await verdictOn(new Error(text)), { check: "x", status: "failed", detail: text, remedy: undefined });
    assertEquals(await verdictOn("text"), { check: "x", status: "failed", detail: "text", remedy: undefined });
    const error = new SyscallError("open", constants.errno.ENOENT, { path: "/a\nb", remedy: "make it" });
    const { detail, remedy } = await verdictOn(error);
    assertEquals([detail, remedy], ['open "/a\\nb": No such file or directory (ENOENT)', "make it"]);
  });
});

describe("refused()", () => {
  it("prefers the remedy of the caller", () => {
    const error = new SyscallError("setns", constants.errno.EPERM);
    assertEquals(refused(error, "warning", "this way").remedy, "this way");
    assertEquals(refused(error).remedy, error.remedy);
  });
});

describe("topicOf()", () => {
  it("runs one check after the other, also after a failure", async () => {
    const order: number[] = [];
    const { examine } = topicOf(
      "T",
      [1, 2, 3].map((n) => ({
        name: `${n}`,
        run: async () => {
          await Promise.resolve();
          order.push(n);
          if (n === 1) throw new Error("first");
          return n === 2 ? ok("second") : warning("third", "do");
        },
      })),
    );
    assertEquals((await examine()).map(({ check, status }) => [check, status]), [
      ["1", "failed"],
      ["2", "ok"],
      ["3", "warning"],
    ]);
    assertEquals(order, [1, 2, 3]);
    assertEquals(failed("x"), { status: "failed", detail: "x", remedy: undefined });
  });
});
