/** Captures where the machine limits what a socket may keep, which takes a machine of one's own. */
import { NsHandle, SyscallError } from "@netns/netns";
import { assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readText, writeText } from "../../../ffi/mod.ts";

const LIMIT = "/proc/sys/net/core/optmem_max";

describe("NsHandle.capture()", () => {
  it("says which limit does not permit a filter of this length", async () => {
    using ns = NsHandle.create();
    const before = readText(LIMIT);
    writeText(LIMIT, "1000");
    try {
      const filter = Array.from({ length: 20 }, (_, i) => `port ${i + 1}`).join(" or ");
      await assertRejects(() => ns.capture({ filter }), SyscallError, "is longer than net.core.optmem_max permits");
    } finally {
      writeText(LIMIT, before);
    }
  });
});
