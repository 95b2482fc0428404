/** Where the replay stands: an instant between two entries of the log, and how it goes on from there. */
import { Observable } from "../observable";
import { advance, type SPEEDS } from "./playback";
import type { Scene, Tape } from "./tape";

export class Playhead {
  readonly scene: Observable<Scene>;
  /** What the clock shows: a silence of ten minutes has instants of its own, though nothing was recorded in it. */
  readonly time: Observable<number>;
  readonly playing = new Observable(false);
  readonly speed = new Observable<(typeof SPEEDS)[number]>(4);
  readonly skipsPauses = new Observable(true);
  #frame = 0;

  constructor(
    readonly tape: Tape,
    hash: string,
  ) {
    this.scene = new Observable(tape.seek(tape.length));
    this.time = new Observable(tape.end);
    this.follow(hash);
  }

  /** Go to an entry, or to a moment after it at which nothing new was recorded yet. */
  go(seq: number, time?: number): void {
    const scene = this.#seek(seq);
    const next = scene.seq < this.tape.length ? this.tape.timeOf(scene.seq + 1) : this.tape.end;
    this.time.set(Math.max(scene.at, Math.min(time ?? scene.at, next)));
  }

  /** Go to a time, as the clock shows it. */
  goTo(time: number): void {
    this.go(this.tape.seqAt(time), time);
  }

  /** The same, by somebody's hand: nothing goes on by itself. */
  jump(seq: number, time?: number): void {
    this.pause();
    this.go(seq, time);
  }

  get isAtEnd(): boolean {
    return this.scene.get().seq >= this.tape.length && this.time.get() >= this.tape.end;
  }

  toggle(): void {
    if (this.playing.get()) return this.pause();
    if (this.isAtEnd) this.go(1);
    this.playing.set(true);
    let last = performance.now();
    const step = (now: number) => {
      this.goTo(
        advance(this.tape, this.time.get(), now - last, this.speed.get(), this.skipsPauses.get()),
      );
      last = now;
      if (this.isAtEnd) this.pause();
      else this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  pause(): void {
    if (!this.playing.get()) return;
    cancelAnimationFrame(this.#frame);
    this.playing.set(false);
  }

  /** The part of an address that leads here: the entry, and how many seconds after the beginning if that is later. */
  get hash(): string {
    const { seq, at } = this.scene.get();
    const since = (this.time.get() - this.tape.begin) / 1000;
    return this.time.get() - at < 1000 ? `#t=${seq}` : `#t=${seq}&at=${since.toFixed(1)}`;
  }

  /** Go where such an address leads. */
  follow(hash: string): void {
    const [, seq, since] = /^#t=(\d+)(?:&at=(\d+(?:\.\d+)?))?$/.exec(hash) ?? [];
    if (seq === undefined) return;
    this.jump(
      Number(seq),
      since === undefined ? undefined : this.tape.begin + Number(since) * 1000,
    );
  }

  #seek(seq: number): Scene {
    const now = this.scene.get();
    // Between two entries only the clock moves.
    if (now.seq === seq) return now;
    const scene = this.tape.seek(seq);
    this.scene.set(scene);
    return scene;
  }
}
