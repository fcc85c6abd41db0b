#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What libmicrohttpd 0.9.75 asks for at a time (MAX_EVENTS in daemon.c).
enum { library_events = 128 };

/// libmicrohttpd's event loop waits again, without looking at what it has, as long as a wait was full. When the clients
/// that are ready are a multiple of 128, the last of these waits finds nothing more and blocks until somebody new
/// comes: all of them hang. This definition takes the place of the C library's for everything in the program, and makes
/// the wait that follows a full one return at once. Other callers ask for other numbers and see no difference.
int epoll_wait(int descriptor, struct epoll_event *events, int maximum, int timeout) {
    static _Thread_local int full_descriptor = -1;
    if (maximum == library_events && full_descriptor == descriptor) timeout = 0;
    int count = (int)syscall(SYS_epoll_pwait, descriptor, events, maximum, timeout, NULL, 0);
    if (maximum == library_events) full_descriptor = count == library_events ? descriptor : -1;
    return count;
}
