/** A check and its result. */
import { NetlinkError, reasonOf, SyscallError } from "../errors.ts";

/** The result in one word. A warning matters only to some users, or concerns only a part. */
export type Status = "ok" | "warning" | "failed";

/** The result of a check. */
export interface Verdict {
  readonly status: Status;
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

/** The result of a check, with its name. */
export interface Finding extends Verdict {
  /** The unique name of the check: `"CAP_SYS_ADMIN"`, `"veth"`. */
  readonly check: string;
}

/** A check. */
export interface Check {
  /** Its unique name. */
  readonly name: string;
  /** Tries it. An error that it throws is a failure. */
  readonly run: () => Verdict | Promise<Verdict>;
}

/** Checks that belong together. */
export interface Topic {
  /** The heading. */
  readonly title: string;
  /** Runs the checks. */
  readonly examine: () => Promise<readonly Finding[]>;
}

/** It works. */
export const ok = (detail: string): Verdict => ({ status: "ok", detail });

/** It works in part, or only some users miss it. */
export const warning = (detail: string, remedy?: string): Verdict => ({ status: "warning", detail, remedy });

/** It does not work. */
export const failed = (detail: string, remedy?: string): Verdict => ({ status: "failed", detail, remedy });

/** The verdict on an error: its reason, and `remedy` or else its own remedy. */
export function refused(error: unknown, status: "warning" | "failed" = "failed", remedy?: string): Verdict {
  return error instanceof SyscallError || error instanceof NetlinkError
    ? { status, detail: error.reason, remedy: remedy ?? error.remedy }
    : { status, detail: reasonOf(error), remedy };
}

/** Runs a check. */
export async function runCheck({ name, run }: Check): Promise<Finding> {
  try {
    return { check: name, ...await run() };
  } catch (error) {
    return { check: name, ...refused(error) };
  }
}

/** A topic of independent checks. They run one after the other, because some switch the thread. */
export function topicOf(title: string, checks: readonly Check[]): Topic {
  return {
    title,
    examine: async () => {
      const findings: Finding[] = [];
      for (const check of checks) findings.push(await runCheck(check));
      return findings;
    },
  };
}
