/** The socket below the provider. */

/**
 * A socket that cannot send is closed; what it or one that is closing did not send, the next one does. Nobody who writes
 * hears of it: what throws while an edit is passed on leaves a Yjs document deaf for good.
 */
export class Socket extends WebSocket {
  override send(data: Parameters<WebSocket["send"]>[0]): void {
    try {
      if (this.readyState === WebSocket.OPEN) super.send(data);
    } catch {
      this.close();
    }
  }
}
