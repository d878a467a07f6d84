/** The compiled code of the built command: where it is kept, and from where it is not taken. */
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { BUILT, describeBuilt, type Outcome, root, Sandbox } from "./support.ts";

const FILE = `${root}src/cli/demo/demo.yaml`;
const CACHE = "/var/cache/netns";

describeBuilt("the compiled code of netns", () => {
  let box: Sandbox;
  before(async () => {
    box = await Sandbox.open();
    box.output("mount", "-t", "tmpfs", "-o", "mode=755", "netns-e2e", "/var/cache");
  });
  after(() => box[Symbol.asyncDispose]());

  /** Runs the command as people do: the tests forbid it the cache. */
  const netns = (words: readonly string[], ...env: string[]): Outcome =>
    box.run(["env", "-u", "NODE_DISABLE_COMPILE_CACHE", ...env, "node", BUILT, ...words]);
  const plan = (...env: string[]): Outcome => netns(["plan", FILE], ...env);
  /** Runs a line of sh. */
  const sh = (line: string): string => box.output("sh", "-ec", line).trim();
  const files = (directory = CACHE): string[] => sh(`ls ${directory} 2>/dev/null || true`).split("\n").filter(Boolean);
  const anew = (line = ":"): string => sh(`rm -rf ${CACHE} /var/cache/real; ${line}`);

  it("is kept by a run that did what there is to do, for root alone", () => {
    anew();
    const first = plan();
    assertEquals([first.status, first.stderr], [0, ""]);
    const [file, ...others] = files();
    assertEquals(others, []);
    assert(file?.startsWith("cli_apply.cjs-v"), file);
    assertEquals(sh(`stat -c '%a %u' ${CACHE} ${CACHE}/*`), "700 0\n600 0");
    const inode = sh(`stat -c %i ${CACHE}/*`);
    assertEquals(plan(), first);
    assertEquals(sh(`stat -c %i ${CACHE}/*`), inode, "it was taken: what cannot be is written anew");
  });

  it("is not kept by help, by a run that failed and by the other commands", () => {
    anew();
    for (const [words, status] of [[["apply", "--help"], 0], [["plan", "/no/such/file"], 2], [["ls"], 0]] as const) {
      assertEquals(netns(words).status, status, words.join(" "));
      assertEquals(files("/var/cache"), [], words.join(" "));
    }
  });

  it("is written anew where some of it is lost, which would end Node", () => {
    anew();
    const first = plan();
    const file = `${CACHE}/${files()[0]}`;
    const zeros = (at: number): string =>
      `dd if=/dev/zero of=${file} bs=4096 count=1 seek=${at} conv=notrunc status=none`;
    for (const spoil of [`truncate -s 0 ${file}`, `truncate -s 100000 ${file}`, ...[0, 1, 50, 150].map(zeros)]) {
      const kept = sh(`${spoil}; sha256sum ${file}`);
      assertEquals(plan(), first, spoil);
      assert(sh(`sha256sum ${file}`) !== kept, spoil);
    }
  });

  it("is neither taken nor kept where others can write, or where it is another user's", () => {
    const cases = [
      [`mkdir -m 770 ${CACHE}`, "for a group"],
      [`mkdir -m 702 ${CACHE}`, "for all"],
      [`mkdir -m 700 ${CACHE}; chown 65534 ${CACHE}`, "of another user"],
      [`mkdir -m 700 /var/cache/real; ln -s real ${CACHE}`, "by a link"],
      [`mkdir -m 700 ${CACHE}; chmod 1777 /var/cache`, "below a directory for all"],
      [`mkdir -m 700 ${CACHE}; chown 65534 /var/cache`, "below one of another user"],
      [`chmod 1777 /var/cache`, "that is missing below a directory for all"],
    ] as const;
    anew();
    const { stdout } = plan();
    const name = files()[0] ?? "";
    for (const [prepare, title] of cases) {
      anew(prepare);
      const isThere = sh(`test -d ${CACHE} && echo it spoilt >${CACHE}/${name} && echo yes || true`) === "yes";
      const outcome = plan();
      assertEquals([outcome.status, outcome.stdout, outcome.stderr], [0, stdout, ""], title);
      // What cannot be taken would be written anew.
      assertEquals(sh(`cat ${CACHE}/* 2>/dev/null || true`), isThere ? "it spoilt" : "", title);
      sh("chmod 755 /var/cache; chown 0 /var/cache");
    }
  });

  it("is not kept where that cannot be", () => {
    anew();
    const first = plan();
    anew("mount -t tmpfs -o ro netns-e2e /var/cache");
    try {
      assertEquals(plan(), first);
    } finally {
      sh("umount /var/cache");
    }
    anew(`touch ${CACHE}`);
    assertEquals(plan(), first);
  });

  it("is not kept if the environment or an option of Node says so", () => {
    anew();
    assertEquals(plan("NODE_DISABLE_COMPILE_CACHE=1").status, 0);
    assertEquals(plan("NODE_COMPILE_CACHE=/var/cache/real").status, 0);
    assertEquals(
      box.run(["env", "-u", "NODE_DISABLE_COMPILE_CACHE", "node", "--no-opt", BUILT, "plan", FILE]).status,
      0,
    );
    assertEquals(files(), []);
  });

  it("is root's alone, also for another user with capabilities", () => {
    anew("mkdir -m 755 /run/ann && chown 65534 /run/ann");
    const user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const capabilities = ["--inh-caps", "+dac_override,+sys_admin", "--ambient-caps", "+dac_override,+sys_admin"];
    const env = ["env", "-u", "NODE_DISABLE_COMPILE_CACHE", "-u", "XDG_CACHE_HOME", "HOME=/run/ann"];
    const { status, stderr } = box.run([...env, ...user, ...capabilities, "node", BUILT, "plan", FILE]);
    assertEquals([status, stderr, files("/run/ann"), files("/var/cache")], [0, "", [], []]);
  });

  it("is that of at most four files", () => {
    anew(`mkdir -m 700 ${CACHE}; for i in 1 2 3 4 5 6; do touch -d "2020-01-0$i" ${CACHE}/old-$i; done`);
    assertEquals(plan().status, 0);
    const kept = files();
    assertEquals([kept.length, kept.filter((name) => name.startsWith("old-"))], [4, ["old-4", "old-5", "old-6"]]);
  });
});
