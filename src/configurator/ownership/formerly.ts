/** What a kill leaves twice: what an object was made as, and what it was to become. Either may be true. */
import { entryKeysOf } from "./record_keys.ts";
import type { BorrowedRecord, FileRecord, ObjectRecord, SysctlRecord, UsedFields } from "./records.ts";

/** Records of which each object has one: the newest, which says also what the others say. */
export function eachOnce(records: readonly ObjectRecord[]): readonly ObjectRecord[] {
  if (!records.some(({ intent }) => intent)) return records;
  const places = new Map<string, number>();
  const all: ObjectRecord[] = [];
  for (const record of records) {
    const [key] = entryKeysOf(record);
    const place = key === undefined ? undefined : places.get(key);
    const before = place === undefined ? undefined : all[place];
    if (place !== undefined && before !== undefined) all[place] = withFormerly(record, before);
    else if (key === undefined) all.push(record);
    else places.set(key, all.push(record) - 1);
  }
  return all;
}

function withFormerly(record: ObjectRecord, before: ObjectRecord): ObjectRecord {
  if (record.kind === "sysctl" && before.kind === "sysctl") {
    return { ...record, formerly: [before.value, ...before.formerly ?? []] };
  }
  if (record.kind === "file" && before.kind === "file") {
    return { ...record, formerly: [before.text, ...before.formerly ?? []] };
  }
  return record;
}

/** True of what this configuration set a sysctl to, or wrote into a file. */
export function isAsSet(record: SysctlRecord | FileRecord, now: string): boolean {
  const set = record.kind === "sysctl" ? record.value : record.text;
  return now === set || record.formerly?.includes(now) === true;
}

/** What this configuration set of a link that it uses: the newest, and what that may not have replaced yet. */
export const allUsed = ({ used, formerly = [] }: BorrowedRecord): readonly UsedFields[] =>
  used === undefined ? formerly : [used, ...formerly];
