/** A check: one thing that is tried or looked at, and what came of it. */
import { NetlinkError, reasonOf, SyscallError } from "../errors.ts";

/** How a check came out: a warning is what works, but not everywhere or not for everybody. */
export type Status = "ok" | "warning" | "failed";

/** What came of a check. */
export interface Verdict {
  readonly status: Status;
  /** What was seen. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

/** A check with what came of it. */
export interface Finding extends Verdict {
  /** What was checked: `"CAP_SYS_ADMIN"`, `"veth"`. */
  readonly check: string;
}

/** Something to be checked. */
export interface Check {
  /** What is checked, as {@linkcode Finding.check}. */
  readonly name: string;
  /** Tries it. What it throws is a failure of what was tried. */
  readonly look: () => Verdict | Promise<Verdict>;
}

/** Checks that belong together. */
export interface Section {
  readonly title: string;
  readonly examine: () => Promise<readonly Finding[]>;
}

/** It works. */
export const ok = (detail: string): Verdict => ({ status: "ok", detail });

/** It works only in part, or is missing without being missed by all. */
export const warning = (detail: string, remedy?: string): Verdict => ({ status: "warning", detail, remedy });

/** It does not work. */
export const failed = (detail: string, remedy?: string): Verdict => ({ status: "failed", detail, remedy });

/** The verdict on something that threw: what the error says, and what to do if that is known better than there. */
export function refused(error: unknown, status: "warning" | "failed" = "failed", remedy?: string): Verdict {
  return error instanceof SyscallError || error instanceof NetlinkError
    ? { status, detail: error.reason, remedy: remedy ?? error.remedy }
    : { status, detail: reasonOf(error), remedy };
}

/** Looks at one thing. */
export async function examine({ name, look }: Check): Promise<Finding> {
  try {
    return { check: name, ...await look() };
  } catch (error) {
    return { check: name, ...refused(error) };
  }
}

/** A section of checks that do not need each other. They are made one after the other: some change the thread. */
export function section(title: string, checks: readonly Check[]): Section {
  return {
    title,
    examine: async () => {
      const findings: Finding[] = [];
      for (const check of checks) findings.push(await examine(check));
      return findings;
    },
  };
}
