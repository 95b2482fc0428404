// A cache that keeps little, and that not for long.

class Cache {
  constructor(capacity, seconds, clock) {
    this.capacity = capacity;
    this.seconds = seconds;
    this.clock = clock;
  }

  get(key, otherwise) {
    return otherwise;
  }

  put(key, value) {}

  size() {
    return 0;
  }
}

module.exports = { Cache };
