/** Lines above the code about a file that others led away from, or deleted: what it is, and the way on. */
import { toast } from "../toast";
import { region, t } from "../words";
import { bytesOf } from "./allowance";
import { problemWithOneMore } from "./new-file";
import type { Lead } from "./open-file";
import type { Room } from "./room";

export function LeadLine({ lead, onGo }: { lead: Lead; onGo: (name: string) => void }) {
  return (
    <p class="follow-line" role="status">
      {lead.words}
      <button type="button" class="quiet" onClick={() => onGo(lead.to)}>
        {lead.label}
      </button>
    </p>
  );
}

interface GoneProps {
  room: Room;
  name: string;
  mayWrite: boolean;
  onClose: () => void;
}

/** The open file was deleted by somebody else: what is typed on stays with it, and it can be listed again. */
export function GoneLine({ room, name, mayWrite, onClose }: GoneProps) {
  const path = room.files.pathOf(name);
  return (
    <p class="follow-line" role="status">
      {mayWrite ? t.files.goneKept(path) : t.files.deleted(path)}
      {mayWrite && (
        <button type="button" class="quiet" onClick={() => bringBack(room, name)}>
          {t.files.bringBack(path)}
        </button>
      )}
      <button type="button" class="quiet" onClick={onClose}>
        {t.files.close}
      </button>
    </p>
  );
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
