// Clocks: the real one, and one for tests that goes only when it is told to.

export interface Time {
  now(): number;
}

export class Clock implements Time {
  // The time in seconds, since whenever.
  now(): number {
    return performance.now() / 1000;
  }
}

export class HandClock implements Time {
  #seconds = 0;

  now(): number {
    return this.#seconds;
  }

  advance(seconds: number): void {
    this.#seconds += seconds;
  }
}
