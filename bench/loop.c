/* The least that ticking can cost: sleep until the next deadline, note how late that was, until SIGTERM.
   Its argument is the period in ms. Prints "due late" for each tick, in ns of the monotonic clock. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS 1000000000LL
#define MOST 36000

static volatile sig_atomic_t stopped;
static int64_t due[MOST], late[MOST];

static void stop(int number) { (void)number; stopped = 1; }

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS + t.tv_nsec;
}

int main(int count_of_words, char **words) {
    int64_t period = (count_of_words > 1 ? atoi(words[1]) : 100) * NS / 1000;
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    int64_t deadline = now();
    int count = 0;
    while (count < MOST) {
        deadline += period;
        struct timespec at = {deadline / NS, deadline % NS};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        if (stopped) break;
        late[count] = now() - deadline;
        due[count++] = deadline;
    }
    for (int i = 0; i < count; i++) printf("%" PRId64 " %" PRId64 "\n", due[i], late[i]);
    return 0;
}
