/** People get one of six chalk colours, the same on every screen; always shown with the name. */
export const PEER_COLORS = 6;

const assigned = new Map<string, number>();

/** Give everybody of a session a colour, in the order of the roster, which is the same everywhere: no two alike in six. */
export function assignColors(participantIds: readonly string[]): void {
  const taken = new Set<number>();
  for (const id of participantIds) {
    let color = hashed(id);
    for (let step = 0; step < PEER_COLORS && taken.has(color); step++)
      color = (color + 1) % PEER_COLORS;
    taken.add(color);
    assigned.set(id, color);
  }
}

export function colorOf(participantId: string): number {
  return assigned.get(participantId) ?? hashed(participantId);
}

function hashed(participantId: string): number {
  let hash = 0;
  for (const character of participantId) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % PEER_COLORS;
}
