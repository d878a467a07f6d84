/** A host of a rootless lab. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Agent } from "node:http";
import type { Socket } from "node:net";
import { resolve } from "node:path";
import { fieldsOf } from "../../argument_fields.ts";
import type { CaptureOptions } from "../../capture/capture.ts";
import { checkCallOptions, checkOptions, checkProgram, checkText } from "../../netns/checks.ts";
import { exec, type ExecOptions, type ExecResult } from "../../netns/exec.ts";
import { type Connector, httpAgent } from "../../netns/http/agent.ts";
import { fetch } from "../../netns/http/fetch.ts";
import type {
  ArgumentsOf,
  CallOptions,
  NamespaceWorker,
  NamespaceWorkerOptions,
  ResultOf,
} from "../../netns/namespace_worker.ts";
import type { ConnectOptions } from "../../netns/sockets/connect.ts";
import { isFound, spawnNothing, type SpawnOptions } from "../../netns/spawn.ts";
import type { LabProcess } from "./lab_process.ts";

/** A capture to a file, by the process of a rootless lab. */
export interface RootlessCapture extends AsyncDisposable {
  /** How many packets were lost because they came faster than they were taken. */
  dropped(): Promise<number>;
}

const checkWorkerOptions = fieldsOf<Pick<NamespaceWorkerOptions, "signal">>(
  "the options of a worker in a rootless lab",
  {
    signal: "signal",
  },
);

/** The connectors of the hosts, for their kept connections. */
const connectors = new WeakMap<LabProcess, Map<string, Connector>>();

/** A host of a {@linkcode RootlessLab}. */
export class RootlessHost {
  /** Its name in the topology. */
  readonly name: string;
  readonly #process: LabProcess;

  /** @internal Names a host; the process of the lab acts for it. */
  constructor(name: string, process: LabProcess) {
    this.name = name;
    this.#process = process;
  }

  /** Its addresses, as those of {@linkcode LabHost}. */
  get addresses(): string[] {
    return [...this.#process.hostOf(this.name).addresses];
  }

  /**
   * Starts a program in the host, by `nsenter` of util-linux, which becomes the program. There it is root; its files are those
   * of this process's user. It ends with the lab, and with this process, also when that is killed.
   */
  spawn(command: string, args: readonly string[] = [], options: Omit<SpawnOptions, "shell"> = {}): ChildProcess {
    this.#process.checkOpen();
    checkProgram(command, args, options);
    if (!isFound(command, options)) return spawnNothing(command, options);
    const { pid } = this.#process;
    const net = `--net=/proc/${pid}/fd/${this.#process.hostOf(this.name).fd}`;
    const enter = [`--user=/proc/${pid}/ns/user`, "--preserve-credentials", net, "--"];
    const child = spawn("nsenter", [...enter, command, ...args], options);
    this.#process.keeper.own(child, (end) => this.#process.owned.add(end));
    return child;
  }

  /** Runs a program to its end. */
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
    checkProgram(command, args, options);
    const { input: _, signal, ...others } = options;
    return await this.#process.owned.wait(
      (signal) => exec(() => this.spawn(command, args, { ...others, stdio: "pipe" }), { ...options, signal }),
      signal,
    );
  }

  /** Connects from the host; the process of the lab passes on what is sent. As {@linkcode LabHost.connect}. */
  async connect(options: ConnectOptions): Promise<Socket> {
    checkOptions(options);
    return await this.#process.connect(this.name, options);
  }

  /** As {@linkcode LabHost.fetch}. */
  async fetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
    return await fetch(this.#connector(), url, init);
  }

  /** As {@linkcode LabHost.httpAgent}. */
  httpAgent(): Agent {
    return httpAgent(this.#connector());
  }

  /**
   * As {@linkcode LabHost.worker}: the thread is one of the process of the lab. What is handed over is copied.
   *
   * @param options `signal` ends the start with its reason; a thread that has started goes on.
   */
  async worker<M>(
    url: string | URL,
    options: Pick<NamespaceWorkerOptions, "signal"> = {},
  ): Promise<NamespaceWorker<M>> {
    checkWorkerOptions(options);
    const { signal } = options;
    signal?.throwIfAborted();
    const signals = signal === undefined ? [] : [{ signal, index: 0 }];
    const id = await this.#process.ask("worker", { host: this.name, url: String(url) }, { signals });
    return faceOf<M>(this.#process, id, {});
  }

  /** Captures packets to a file: as {@linkcode LabHost.capture}, without its packets. */
  async capture(options: Omit<CaptureOptions, "signal"> & { readonly file: string | URL }): Promise<RootlessCapture> {
    checkOptions(options);
    if (!(options.file instanceof URL)) checkText(options.file, "options.file");
    const file = options.file instanceof URL ? options.file : resolve(options.file);
    const id = await this.#process.ask("capture", { host: this.name, options: { ...options, file: String(file) } });
    return {
      dropped: () => this.#process.ask("dropped", id),
      [Symbol.asyncDispose]: () => this.#process.ask("endCapture", id),
    };
  }

  #connector(): Connector {
    const ofProcess = connectors.get(this.#process) ?? new Map<string, Connector>();
    connectors.set(this.#process, ofProcess);
    const connector = ofProcess.get(this.name) ?? {
      checkOpen: () => this.#process.checkOpen(),
      atClose: (action: () => void) => void this.#process.owned.add(action),
      connect: (options: ConnectOptions) => this.connect(options),
    };
    ofProcess.set(this.name, connector);
    return connector;
  }
}

function faceOf<M>(process: LabProcess, worker: number, options: CallOptions): NamespaceWorker<M> {
  return {
    call: async <K extends string & keyof M>(name: K, ...given: ArgumentsOf<M[K]>): Promise<ResultOf<M[K]>> => {
      const all: readonly unknown[] = given;
      const signals = all.flatMap((one, index) => one instanceof AbortSignal ? { signal: one, index } : []);
      const args = all.map((one) => one instanceof AbortSignal ? undefined : one);
      const request = { worker, name, args, signals: signals.map(({ index }) => index) };
      return await process.ask("call", request, { call: name, signal: options.signal, signals }) as ResultOf<M[K]>;
    },
    with: (more) => {
      checkCallOptions(more);
      return faceOf(process, worker, { ...options, ...more });
    },
    [Symbol.asyncDispose]: () => process.ask("endWorker", worker),
  };
}
