// Generated from pizarra.collab.wire.close_codes by `make types`.
export const CloseCode = {
  GOING_AWAY: 1001,
  TOO_LARGE: 1009,
  TRY_AGAIN: 1013,
  MALFORMED: 4400,
  NOT_ALLOWED: 4401,
  READ_ONLY: 4403,
  UNKNOWN_ROOM: 4404,
  EPOCH_MISMATCH: 4409,
  SESSION_ENDED: 4410,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
