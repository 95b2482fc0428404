/** The real clock; `HandClock` is one for tests. */
class Clock {
    /** The time in seconds, since whenever. */
    double now() {
        return System.nanoTime() / 1e9;
    }
}
