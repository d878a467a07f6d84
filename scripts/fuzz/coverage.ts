/** Which code of this process was reached, by V8's precise coverage of blocks. */
import { Session } from "node:inspector";

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

/** Code that was reached since the start. */
export class Coverage {
  readonly #session = new Session();
  readonly #part: string;
  /** Of each script, 1 for each character that was reached. */
  readonly #reached = new Map<string, Uint8Array>();

  private constructor(part: string) {
    this.#part = part;
    this.#session.connect();
  }

  /** Begins to count; `part` is in the addresses of the scripts that count. */
  static async start(part: string): Promise<Coverage> {
    const coverage = new Coverage(part);
    await coverage.#post("Profiler.enable");
    await coverage.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return coverage;
  }

  /** True if code was reached, since the last question, that no call of {@linkcode Coverage.reached} has seen. */
  async isNew(): Promise<boolean> {
    return await this.#take(false);
  }

  /** The same; from now on that code is old. */
  async reached(): Promise<boolean> {
    return await this.#take(true);
  }

  async #take(keep: boolean): Promise<boolean> {
    const { result } = await this.#post("Profiler.takePreciseCoverage");
    let isNew = false;
    for (const { url, functions } of result) {
      if (!url.includes(this.#part)) continue;
      const now = painted(functions);
      const before = this.#reached.get(url) ?? new Uint8Array(0);
      const all = new Uint8Array(Math.max(now.length, before.length));
      all.set(before);
      for (const [i, hit] of now.entries()) {
        if (hit === 0 || all[i] === 1) continue;
        isNew = true;
        all[i] = 1;
      }
      if (keep) this.#reached.set(url, all);
    }
    return isNew;
  }

  #post(method: string, parameters: object = {}): Promise<{ readonly result: readonly Script[] }> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, parameters, (error: Error | null, result?: object) => {
        if (error !== null && error !== undefined) reject(error);
        else resolve({ result: [], ...result });
      });
    });
  }
}

/** 1 for each character that was reached: the ranges of a function go from the outside in. */
function painted(functions: Script["functions"]): Uint8Array {
  const end = Math.max(0, ...functions.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset)));
  const hits = new Uint8Array(end);
  // A function that holds others is painted first.
  const ordered = [...functions].sort((a, b) => sizeOf(b) - sizeOf(a));
  for (const { ranges } of ordered) {
    for (const { startOffset, endOffset, count } of ranges) hits.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return hits;
}

function sizeOf({ ranges: [first] }: { readonly ranges: readonly Range[] }): number {
  return first === undefined ? 0 : first.endOffset - first.startOffset;
}
