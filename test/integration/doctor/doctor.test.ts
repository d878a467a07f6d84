import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  close,
  mkdir,
  MNT_DETACH,
  mount,
  MS_SHARED,
  MS_SLAVE,
  O_CREAT,
  O_RDONLY,
  open,
  rmdir,
  umount,
  unlink,
} from "../../../ffi/mod.ts";
import type { Finding, Section } from "../../../src/doctor/check.ts";
import { kernelSection } from "../../../src/doctor/kernel.ts";
import { linksSection } from "../../../src/doctor/links.ts";
import { namesSection } from "../../../src/doctor/names.ts";
import { privilegesSection } from "../../../src/doctor/privileges.ts";
import { stateSection } from "../../../src/doctor/state.ts";
import { threadsSection } from "../../../src/doctor/threads.ts";
import { describeAsRoot, scratchName, traces } from "../support/traces.ts";

async function findings({ examine }: Section): Promise<Readonly<Record<string, Finding>>> {
  return Object.fromEntries((await examine()).map((finding) => [finding.check, finding]));
}

/** A directory of its own, a mount if it has a mode; gone at the end of the block, with the files in it. */
function scratchDirectory(mode?: string): { readonly path: string; file(name: string): void } & Disposable {
  const path = `/run/${scratchName()}`;
  const files: string[] = [];
  const mounted = mode !== undefined;
  mkdir(path, 0o755);
  if (mounted) mount("none", path, "tmpfs", 0, `mode=${mode}`);
  return {
    path,
    file: (name) => {
      close(open(`${path}/${name}`, O_RDONLY | O_CREAT, 0o644));
      files.push(name);
    },
    [Symbol.dispose]: () => {
      for (const name of files) unlink(`${path}/${name}`);
      if (mounted) umount(path, MNT_DETACH);
      rmdir(path);
    },
  };
}

describeAsRoot("netns doctor, of the kernel", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("finds that root may do everything, and that every thread is at home", async () => {
    for (const section of [privilegesSection(), kernelSection(), threadsSection()]) {
      for (const { check, status, detail } of await section.examine()) {
        if (check !== "user namespace") assertEquals(status, "ok", `${check}: ${detail}`);
      }
    }
  });

  it("makes a link of each kind, or says which module it is in", async () => {
    const { veth, ...others } = await findings(linksSection());
    assertEquals(veth?.status, "ok");
    assertEquals(Object.keys(others), ["bridge", "dummy", "ipvlan", "macvlan", "tun", "vlan", "vrf"]);
    for (const { status, detail, remedy } of Object.values(others)) {
      if (status === "ok") assertMatch(detail, /^made/);
      else assertMatch(`${status}: ${detail} ${remedy}`, /^warning: not available: .* modprobe \w+ .*CONFIG_\w+/);
    }
  });
});

describeAsRoot("netns doctor, of the directory of names", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is content with one that is a shared mount, and with none", async () => {
    using directory = scratchDirectory("0755");
    mount("", directory.path, "none", MS_SHARED);
    for (const path of [directory.path, "/run/netns-test-none"]) {
      for (const { check, status, detail } of await namesSection(path).examine()) {
        assertEquals(status, "ok", `${check}: ${detail}`);
      }
    }
  });

  it("warns of a mount that is not shared", async () => {
    using directory = scratchDirectory("0755");
    mount("", directory.path, "none", MS_SLAVE);
    const { propagation } = await findings(namesSection(directory.path));
    assertEquals(propagation?.status, "warning");
    assertMatch(propagation?.detail ?? "", /^a (private|slave) mount: /);
    assertMatch(propagation?.remedy ?? "", /mount --make-rshared \/run\/netns-test-/);
  });

  it("warns of names in a directory that is no mount at all", async () => {
    using directory = scratchDirectory();
    assertEquals((await findings(namesSection(directory.path)))["propagation"]?.status, "ok");
    directory.file("name");
    assertMatch((await findings(namesSection(directory.path)))["propagation"]?.detail ?? "", /^no mount of its own: /);
  });

  it("names stale files, escaped", async () => {
    using directory = scratchDirectory("0755");
    directory.file("crashed");
    directory.file("a\nb\u202e");
    const { names } = await findings(namesSection(directory.path));
    assertEquals(names?.status, "warning");
    assertEquals(names?.detail, `0 namespaces, 2 stale files, without a namespace: "a\\nb\\u{202e}", crashed`);
  });

  it("warns of a directory that others may write to, and fails for what is none", async () => {
    const kinds = [["0777", "everybody", "failed"], ["1777", "everybody", "warning"], ["0775", "its group", "warning"]];
    for (const [mode = "", why = "", status] of kinds) {
      using directory = scratchDirectory(mode);
      const finding = (await findings(namesSection(directory.path)))[directory.path];
      assertEquals(finding?.status, status);
      assert(finding?.detail.includes(why), finding?.detail);
      assertMatch(finding?.remedy ?? "", /^chmod [og]-w \/run\//);
    }
    using directory = scratchDirectory();
    directory.file("file");
    assertEquals((await namesSection(`${directory.path}/file`).examine())[0]?.status, "failed");
  });
});

describeAsRoot("netns doctor, of what was applied", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is content where nothing was", async () => {
    for (const { status } of await stateSection("/run/netns-test-none").examine()) assertEquals(status, "ok");
  });
});
