/** The address says which instant is shown, and leads to another when it is changed. */
import { useEffect } from "preact/hooks";
import type { Playhead } from "./playhead";

const CALM_MS = 250; // a browser refuses to have its address changed too often

export function useAddress(playhead: Playhead): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let told = -CALM_MS;
    const write = () => {
      told = performance.now();
      if (!playhead.playing.get())
        history.replaceState(null, "", `${location.pathname}${playhead.hash}`);
    };
    const tell = () => {
      clearTimeout(timer);
      timer = setTimeout(write, CALM_MS);
    };
    // The first of many at once, the last in the end.
    const tellNow = () => (performance.now() - told < CALM_MS ? tell() : write());
    const stops = [playhead.scene, playhead.time, playhead.playing].map((each) =>
      each.subscribe(tellNow),
    );
    tellNow();
    // What was asked for, not what the address has become: a live session may have gone on meanwhile.
    const onHash = (event: HashChangeEvent) => {
      clearTimeout(timer);
      playhead.follow(new URL(event.newURL).hash);
    };
    addEventListener("hashchange", onHash);
    return () => {
      clearTimeout(timer);
      removeEventListener("hashchange", onHash);
      for (const stop of stops) stop();
    };
  }, [playhead]);
}
