/** Who is at this browser, as the server knows them. */
import { api, type Me } from "./api";
import { Observable } from "./observable";

/** null until the server has answered. */
export const me = new Observable<Me | null>(null);

export async function loadMe(): Promise<Me> {
  const found = await api.me();
  me.set(found);
  return found;
}

/** Whether somebody has to sign in before this browser may show sessions. */
export function mustSignIn(who: Me | null): boolean {
  return who !== null && who.auth === "accounts" && who.account === null;
}
