/** People get one of six chalk colours, the same on every screen; always shown with the name. */
export const PEER_COLORS = 6;

export function colorOf(participantId: string): number {
  let hash = 0;
  for (const character of participantId) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % PEER_COLORS;
}
