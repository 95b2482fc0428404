/** Small things this browser remembers between visits; where it refuses to (no storage, full, denied), this window does. */

const remembered = new Map<string, string>();

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(name) ?? remembered.get(name) ?? null;
  } catch {
    return remembered.get(name) ?? null; // merely to look at `localStorage` throws where site data is blocked
  }
}

export function remember(name: string, value: string): void {
  remembered.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // until the window is closed, then
  }
}
