/** Lines above the code about a file that others led away from, or deleted: what it is, and the way on. */
import { t } from "../words";
import { bringBack } from "./bring-back";
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
