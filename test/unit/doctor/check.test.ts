import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { constants } from "node:os";
import { SyscallError } from "../../../ffi/mod.ts";
import { examine, failed, ok, refused, section, warning } from "../../../src/doctor/check.ts";

describe("examine()", () => {
  it("takes what a check throws for a failure, with what to do where that is known", async () => {
    const look = (error: unknown) =>
      examine({
        name: "x",
        look: () => {
          throw error;
        },
      });
    const text = "lies beyond";
    assertEquals(await look(new Error(text)), { check: "x", status: "failed", detail: text, remedy: undefined });
    assertEquals(await look("text"), { check: "x", status: "failed", detail: "text", remedy: undefined });
    const error = new SyscallError("open", constants.errno.ENOENT, { path: "/a\nb", remedy: "make it" });
    const { detail, remedy } = await look(error);
    assertEquals([detail, remedy], ['open "/a\\nb": No such file or directory (ENOENT)', "make it"]);
  });
});

describe("refused()", () => {
  it("prefers a remedy that knows more", () => {
    const error = new SyscallError("setns", constants.errno.EPERM);
    assertEquals(refused(error, "warning", "this way").remedy, "this way");
    assertEquals(refused(error).remedy, error.remedy);
  });
});

describe("section()", () => {
  it("makes one check after the other, also after one that failed", async () => {
    const order: number[] = [];
    const { examine } = section(
      "T",
      [1, 2, 3].map((n) => ({
        name: `${n}`,
        look: async () => {
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
