/* Sends each event of a corpus once and says how long every answer took. Linux only (epoll, timerfd).
 *
 *   load PORT PATH BODIES OFFSETS SIGNATURES SIGNED_AT FIRST COUNT CONNECTIONS SECONDS RATE OUT
 *
 * BODIES holds all bodies, OFFSETS count+1 int64 into it, SIGNATURES 64 hex digits for each. Events FIRST ... FIRST+COUNT
 * are sent to 127.0.0.1. RATE 0: closed loop, every connection sends its next event when the last is answered. RATE > 0:
 * open loop, event i is due at i/RATE seconds and its time runs from then, sent or not. Nothing new is sent after
 * SECONDS; what is under way is waited for (20 s at most). OUT gets three int64 for each event sent: when it was due, when
 * it was answered (CLOCK_REALTIME, ns) and the HTTP status, 0 for none. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_NS 20000000000LL

typedef struct {
    int fd, busy, got, want; /* want: length of the whole answer once its head is there, else 0 */
    int64_t event;
    size_t put;
    char head[640], answer[65536];
    int head_length, chunked;
} Connection;

typedef struct { int64_t due, answered, status; } Told;

static const char *path, *bodies, *signatures, *signed_at;
static const int64_t *offsets;
static int port, waiter;
static Told *told;
static int64_t first, count, sent;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static const void *mapped(const char *name) {
    struct stat info;
    int fd = open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &info)) { perror(name); exit(2); }
    void *at = mmap(NULL, info.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (at == MAP_FAILED) { perror(name); exit(2); }
    close(fd);
    return at;
}

static void dial(Connection *c) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); exit(3); }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    c->busy = 0;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(waiter, EPOLL_CTL_ADD, c->fd, &e);
}

static void push(Connection *c) {
    const char *body = bodies + offsets[first + c->event];
    size_t length = offsets[first + c->event + 1] - offsets[first + c->event], whole = c->head_length + length;
    while (c->put < whole) {
        struct iovec parts[2];
        int n = 0;
        if (c->put < (size_t)c->head_length) parts[n++] = (struct iovec){c->head + c->put, c->head_length - c->put};
        size_t skip = c->put > (size_t)c->head_length ? c->put - c->head_length : 0;
        parts[n++] = (struct iovec){(void *)(body + skip), length - skip};
        ssize_t wrote = writev(c->fd, parts, n);
        if (wrote < 0) {
            if (errno != EAGAIN) return; /* the answer, or its absence, will tell */
            struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
            epoll_ctl(waiter, EPOLL_CTL_MOD, c->fd, &e);
            return;
        }
        c->put += wrote;
    }
}

static void begin(Connection *c, int64_t due) {
    c->event = sent++;
    c->busy = 1;
    c->got = c->want = c->chunked = 0;
    c->put = 0;
    told[c->event] = (Told){due, 0, 0};
    c->head_length = snprintf(c->head, sizeof c->head,
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
        "Accept: */*; q=0.5, application/xml\r\nCache-Control: no-cache\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Content-Length: %lld\r\nStripe-Signature: t=%s,v1=%.64s,v0=%.64s\r\n\r\n",
        path, port, (long long)(offsets[first + c->event + 1] - offsets[first + c->event]), signed_at,
        signatures + 64 * (first + c->event), signatures);
    push(c);
}

static void head(Connection *c) {
    c->answer[c->got] = 0;
    char *end = strstr(c->answer, "\r\n\r\n");
    if (!end) return;
    long length = 0;
    for (char *line = strstr(c->answer, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n")) {
        if (!strncasecmp(line + 2, "content-length:", 15)) length = atol(line + 17);
        if (!strncasecmp(line + 2, "transfer-encoding: chunked", 26)) c->chunked = 1;
    }
    c->want = (int)(end + 4 - c->answer + length);
}

/* 1 when the answer is complete, -1 when the other side hung up. */
static int take(Connection *c) {
    for (;;) {
        ssize_t n = read(c->fd, c->answer + c->got, sizeof c->answer - 1 - c->got);
        if (n == 0 || (n < 0 && errno != EAGAIN)) return -1;
        if (n < 0) return 0;
        c->got += n;
        if (!c->busy) { c->got = 0; continue; }
        if (!c->want) head(c);
        if (!c->want) continue;
        if (c->chunked ? c->got >= 5 && !memcmp(c->answer + c->got - 5, "0\r\n\r\n", 5) : c->got >= c->want) return 1;
    }
}

int main(int argc, char **argv) {
    if (argc != 13) { fprintf(stderr, "see the head of load.c\n"); return 2; }
    port = atoi(argv[1]); path = argv[2];
    bodies = mapped(argv[3]); offsets = mapped(argv[4]); signatures = mapped(argv[5]); signed_at = argv[6];
    first = atoll(argv[7]); count = atoll(argv[8]);
    int connections = atoi(argv[9]), under_way = 0;
    double seconds = atof(argv[10]), rate = atof(argv[11]);
    told = calloc(count + 1, sizeof *told);
    Connection *all = calloc(connections, sizeof *all);
    waiter = epoll_create1(0);
    for (int i = 0; i < connections; i++) dial(&all[i]);

    int timer = -1;
    int64_t start = now(), stop = start + (int64_t)(seconds * 1e9), due = 0;
    if (rate > 0) {
        timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
        epoll_ctl(waiter, EPOLL_CTL_ADD, timer, &e);
        if (rate * seconds < count) count = (int64_t)(rate * seconds);
    }
    int idle = 0; /* open loop: where to look for a free connection first */
    for (;;) {
        int64_t t = now();
        if (t > stop + DRAIN_NS) break;
        if (rate > 0) {
            while (sent < count && (due = start + (int64_t)(sent * (1e9 / rate))) <= t) {
                int tried = 0;
                while (tried < connections && all[idle].busy) { idle = (idle + 1) % connections; tried++; }
                if (tried == connections) break;
                begin(&all[idle], due);
                under_way++;
            }
            if (sent == count && !under_way) break;
            if (sent < count && due > t) {
                struct itimerspec at = {.it_value = {due / 1000000000LL, due % 1000000000LL}};
                timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
            }
        } else {
            if (!sent) for (int i = 0; i < connections && sent < count; i++) { begin(&all[i], now()); under_way++; }
            if (!under_way) break;
        }
        struct epoll_event events[128];
        int n = epoll_wait(waiter, events, 128, 1000);
        for (int i = 0; i < n; i++) {
            Connection *c = events[i].data.ptr;
            if (!c) { uint64_t ticks; if (read(timer, &ticks, sizeof ticks) < 0) {} continue; }
            if (events[i].events & EPOLLOUT) {
                struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
                epoll_ctl(waiter, EPOLL_CTL_MOD, c->fd, &e);
                push(c);
            }
            if (!(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) continue;
            int done = take(c);
            if (!done) continue;
            int was_busy = c->busy;
            if (was_busy) {
                told[c->event].answered = now();
                told[c->event].status = done > 0 ? atoi(c->answer + 9) : 0;
                c->busy = 0;
                under_way--;
            }
            if (done < 0) { close(c->fd); dial(c); }
            if (rate == 0 && was_busy && now() < stop && sent < count) { begin(c, now()); under_way++; }
        }
    }
    FILE *out = fopen(argv[12], "wb");
    if (!out || fwrite(told, sizeof *told, sent, out) != (size_t)sent || fclose(out)) { perror(argv[12]); return 2; }
    return 0;
}
