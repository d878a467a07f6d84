import type { Finding, Topic } from "../../../src/doctor/check.ts";

/** The findings of a topic, by check. */
export async function findings({ examine }: Topic): Promise<Readonly<Record<string, Finding>>> {
  return Object.fromEntries((await examine()).map((finding) => [finding.check, finding]));
}
