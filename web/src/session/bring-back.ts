/** Deleted files are listed again, as far as there is room. */
import { toast } from "../toast";
import { region, t } from "../words";
import { bytesOf } from "./allowance";
import type { Room } from "./room";

/** Why there cannot be one more file now, or null. */
export function problemWithOneMore({
  mayWrite,
  files,
  allowance: { maxFiles },
}: Room): string | null {
  if (!mayWrite.get()) return t.withheld.refusedNow;
  return files.paths.length < maxFiles ? null : t.files.tooMany(maxFiles.toLocaleString(region()));
}

/** List a deleted text again, if it fits; tell what it is called now when its path was taken. */
export function bringBack(room: Room, name: string): boolean {
  const { files, allowance } = room;
  if (!allowance.admits(bytesOf(files.text(name).toString()))) {
    toast(t.files.tooLarge(files.pathOf(name), allowance.max.toLocaleString(region())));
    return false;
  }
  const refused = problemWithOneMore(room);
  const before = files.pathOf(name);
  const now = refused === null ? files.bringBack(name) : null;
  if (now === null) {
    toast(refused ?? t.withheld.refusedNow);
    return false;
  }
  if (now !== before) toast(t.files.backAs(before, now));
  return true;
}
