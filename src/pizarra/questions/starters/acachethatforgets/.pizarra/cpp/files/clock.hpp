// Clocks: the real one, and one for tests that goes only when it is told to.
#pragma once
#include <chrono>

class Clock {
public:
    virtual ~Clock() = default;

    // The time in seconds, since whenever.
    virtual double now() {
        std::chrono::duration<double> since = std::chrono::steady_clock::now().time_since_epoch();
        return since.count();
    }
};

class HandClock : public Clock {
public:
    double now() override {
        return seconds_;
    }

    void advance(double seconds) {
        seconds_ += seconds;
    }

private:
    double seconds_ = 0;
};
