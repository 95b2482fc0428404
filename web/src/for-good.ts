/** Which refusals stay: the others are of a server that is away, or has too much to do. */
import type { ApiError } from "./api";

export function isForGood({ status }: ApiError): boolean {
  return status > 0 && status < 500 && status !== 429;
}
