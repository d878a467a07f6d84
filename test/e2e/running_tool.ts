/** A tool of iproute2 that goes on running: in User Mode Linux, each start of a program takes a quarter of a second. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NsHandle } from "@netns/netns";

/** What the tool complains of marks the end of what a line before it wrote. */
const NO_OBJECT = "end-of-line";
const END = new RegExp(`Object "${NO_OBJECT}" is unknown.*\nCommand failed -:\\d+\n$`);

/** A tool in a namespace that does line after line. */
export class RunningTool implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "netns-tool-"));
  readonly #lines: number;
  readonly #answers: number;

  /** Starts the tool with options for all lines, `-j` among them: what it writes as JSON it writes at once. */
  constructor(ns: NsHandle, tool: "ip" | "tc", options: string) {
    const [lines, answers] = [join(this.#folder, "lines"), join(this.#folder, "answers")];
    // Nobody's child, so that nothing of it is left in this process.
    const script = `mkfifo ${lines} ${answers}; ${tool} ${options} -force -batch - <${lines} >${answers} 2>&1 &`;
    ns.run(() => spawnSync("sh", ["-c", script], { stdio: "ignore" }));
    this.#lines = openSync(lines, "w"); // waits until the tool opens its end, as the next line does
    this.#answers = openSync(answers, "r");
  }

  /**
   * Does a line, and gives what it writes.
   *
   * @throws {Error} The tool refuses it.
   */
  do(line: string): string {
    writeSync(this.#lines, `${line}\n${NO_OBJECT}\n`);
    const [decoder, buffer] = [new TextDecoder(), new Uint8Array(1 << 16)];
    let text = "";
    while (!END.test(text)) {
      const length = readSync(this.#answers, buffer);
      if (length === 0) throw new Error(`${line}: the tool has ended: ${text}`);
      text += decoder.decode(buffer.subarray(0, length), { stream: true });
    }
    text = text.replace(END, "");
    if (text.includes("Command failed -:")) throw new Error(`${line}: ${text}`);
    return text;
  }

  /** Ends the tool. */
  [Symbol.dispose](): void {
    closeSync(this.#lines);
    closeSync(this.#answers);
    rmSync(this.#folder, { recursive: true });
  }
}
