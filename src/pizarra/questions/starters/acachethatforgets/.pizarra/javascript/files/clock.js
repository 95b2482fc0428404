// Clocks: the real one, and one for tests that goes only when it is told to.

class Clock {
  // The time in seconds, since whenever.
  now() {
    return performance.now() / 1000;
  }
}

class HandClock {
  #seconds = 0;

  now() {
    return this.#seconds;
  }

  advance(seconds) {
    this.#seconds += seconds;
  }
}

module.exports = { Clock, HandClock };
