/*
 * The lab guest's only program: it appends numbered, checksummed records to two disks, answers HTTP on port 80,
 * and powers the machine off when its power button is pressed. lab/README.md specifies the bytes it writes.
 *
 * Record n goes to disk 2 only after it is durable on disk 1, so at every instant disk 1 holds 1..n without a gap
 * and disk 2 holds 1..m with n-1 <= m <= n. Whatever breaks that, a replica of two different instants for example,
 * can be proved from the bytes of the disks alone.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/input.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define MIB (1024LL * 1024LL)
#define RING_BYTES_MAX (128 * MIB)
#define DISK1_AREA (33 * MIB) /* behind the boot partition */
#define DISK2_AREA 0LL
#define LATENCIES 65536
#define WINDOW_MICROS 10000000ULL

struct disk {
    int fd;
    int index;
    uint64_t area, slots_at, slots, churn_at, churn_bytes;
};

struct latency {
    uint64_t at, micros;
};

static struct disk disks[2];
static char guest_name[64] = "guest";
static char boot_id_text[40] = "";
static unsigned char boot_id[16];
static const char *volatile state = "starting";
static volatile double target_rate = 50;
static volatile uint64_t last_on_disk1, last_on_both, last_micros, first_this_boot, completed_on_disk2;
static uint64_t churned_mib, churn_cursor;
static struct latency latencies[LATENCIES];
static volatile uint64_t latency_count;
static pthread_mutex_t latency_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t churn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t write_lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t crc_table[256];

static void crc_prepare(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
        crc_table[i] = c;
    }
}

static uint32_t crc32c(const unsigned char *bytes, size_t length) {
    uint32_t c = ~0u;
    while (length--) c = crc_table[(c ^ *bytes++) & 0xff] ^ (c >> 8);
    return ~c;
}

static uint64_t clock_micros(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void put64(unsigned char *at, uint64_t v) { v = htobe64(v); memcpy(at, &v, 8); }
static void put32(unsigned char *at, uint32_t v) { v = htobe32(v); memcpy(at, &v, 4); }
static uint64_t get64(const unsigned char *at) { uint64_t v; memcpy(&v, at, 8); return be64toh(v); }
static uint32_t get32(const unsigned char *at) { uint32_t v; memcpy(&v, at, 4); return be32toh(v); }

static unsigned char *block_buffer(size_t length) {
    void *p = NULL;
    if (posix_memalign(&p, BLOCK, length)) abort();
    memset(p, 0, length);
    return p;
}

static int write_whole(int fd, const unsigned char *bytes, size_t length, uint64_t at) {
    while (length) {
        ssize_t n = pwrite(fd, bytes, length, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        bytes += n; length -= (size_t)n; at += (uint64_t)n;
    }
    return 0;
}

/* A device that refuses a write is asked again for ever: the guest stands still rather than leave a gap. */
static void write_durably(struct disk *d, const unsigned char *bytes, uint64_t at) {
    while (write_whole(d->fd, bytes, BLOCK, at)) {
        state = "failing";
        fprintf(stderr, "writer: disk %d refused a write at %llu: %s\n", d->index, (unsigned long long)at,
                strerror(errno));
        sleep(1);
    }
}

static uint64_t slot_at(const struct disk *d, uint64_t number) {
    return d->slots_at + (number - 1) % d->slots * BLOCK;
}

/* The number of the whole record in a slot, or 0. */
static uint64_t read_slot(const struct disk *d, uint64_t slot, unsigned char *buffer) {
    if (pread(d->fd, buffer, BLOCK, (off_t)(d->slots_at + slot * BLOCK)) != BLOCK) return 0;
    if (memcmp(buffer, "USRECORD", 8) || get32(buffer + 4092) != crc32c(buffer, 4092)) return 0;
    uint64_t number = get64(buffer + 8);
    return number && (number - 1) % d->slots == slot ? number : 0;
}

/* Slots 0..k belong to the current lap, the others to the lap before; only the slot after k can be torn. */
static uint64_t find_last(const struct disk *d, unsigned char *buffer) {
    uint64_t base = read_slot(d, 0, buffer);
    if (!base) return read_slot(d, d->slots - 1, buffer);
    uint64_t low = 0, high = d->slots;
    while (high - low > 1) {
        uint64_t middle = (low + high) / 2;
        if (read_slot(d, middle, buffer) == base + middle) low = middle; else high = middle;
    }
    return base + low;
}

static void open_disk(struct disk *d, int index, const char *path, uint64_t area) {
    d->index = index;
    for (int tries = 0; (d->fd = open(path, O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC)) < 0; tries++) {
        if (tries == 100) { fprintf(stderr, "writer: no %s\n", path); state = "no disk"; for (;;) pause(); }
        usleep(20000);
    }
    uint64_t size = 0;
    ioctl(d->fd, BLKGETSIZE64, &size);
    d->area = area;
    d->slots_at = area + (uint64_t)MIB;
    uint64_t room = size - d->slots_at;
    uint64_t ring = index == 1 ? room / 2 : room;
    if (ring > RING_BYTES_MAX) ring = RING_BYTES_MAX;
    d->slots = ring / BLOCK;
    d->churn_at = (d->slots_at + d->slots * BLOCK + (uint64_t)MIB - 1) / (uint64_t)MIB * (uint64_t)MIB;
    d->churn_bytes = d->churn_at < size ? (size - d->churn_at) / (uint64_t)MIB * (uint64_t)MIB : 0;
}

/* The header is what a verifier trusts, so an existing one decides, also on a disk that grew since. */
static void open_area(struct disk *d, unsigned char *buffer) {
    if (pread(d->fd, buffer, BLOCK, (off_t)d->area) == BLOCK && !memcmp(buffer, "USGUESTA", 8)
            && get32(buffer + 4092) == crc32c(buffer, 4092)) {
        d->slots_at = get64(buffer + 16);
        d->slots = get64(buffer + 24);
        d->churn_at = get64(buffer + 32);
        d->churn_bytes = get64(buffer + 40);
        return;
    }
    memset(buffer, 0, BLOCK);
    memcpy(buffer, "USGUESTA", 8);
    put32(buffer + 8, 1);
    put32(buffer + 12, (uint32_t)d->index);
    put64(buffer + 16, d->slots_at);
    put64(buffer + 24, d->slots);
    put64(buffer + 32, d->churn_at);
    put64(buffer + 40, d->churn_bytes);
    memcpy(buffer + 48, guest_name, sizeof guest_name);
    put32(buffer + 4092, crc32c(buffer, 4092));
    write_durably(d, buffer, d->area);
}

static uint64_t next_random(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static void fill_random(unsigned char *bytes, size_t length, uint64_t *seed) {
    for (size_t i = 0; i + 8 <= length; i += 8) {
        uint64_t r = next_random(seed);
        memcpy(bytes + i, &r, 8);
    }
}

static uint64_t fresh_seed(void) {
    uint64_t seed = clock_micros(CLOCK_REALTIME);
    getrandom(&seed, sizeof seed, GRND_NONBLOCK);
    return seed;
}

static void remember_latency(uint64_t at, uint64_t micros) {
    pthread_mutex_lock(&latency_lock);
    latencies[latency_count++ % LATENCIES] = (struct latency){ at, micros };
    pthread_mutex_unlock(&latency_lock);
}

/* Leaves the last record common to both disks in the buffer and returns its number. */
static uint64_t resume(unsigned char *buffer) {
    uint64_t last1 = find_last(&disks[0], buffer), last2 = find_last(&disks[1], buffer);
    if (last2 > last1) {
        fprintf(stderr, "writer: disk 2 has record %llu, disk 1 only %llu\n", (unsigned long long)last2,
                (unsigned long long)last1);
        last_on_disk1 = last1;
        last_on_both = last1;
        state = "disk 2 ahead of disk 1";
        for (;;) pause();
    }
    uint64_t from = last1 - last2 > disks[0].slots ? last1 - disks[0].slots + 1 : last2 + 1;
    for (uint64_t n = from; n <= last1; n++) {
        if (read_slot(&disks[0], (n - 1) % disks[0].slots, buffer) == n) {
            write_durably(&disks[1], buffer, slot_at(&disks[1], n));
            completed_on_disk2++;
        }
    }
    memset(buffer, 0, BLOCK);
    if (last1) read_slot(&disks[0], (last1 - 1) % disks[0].slots, buffer);
    last_on_disk1 = last_on_both = last1;
    last_micros = last1 ? get64(buffer + 32) : 0;
    return last1;
}

static void pace(uint64_t *due) {
    double rate = target_rate;
    uint64_t now = clock_micros(CLOCK_MONOTONIC);
    if (rate <= 0) { *due = now; return; }
    *due += (uint64_t)(1000000 / rate);
    if (*due + 1000000 < now) *due = now; /* what a stall missed is not made up by a burst */
    while (now < *due && target_rate == rate) {
        uint64_t left = *due - now;
        usleep((useconds_t)(left > 100000 ? 100000 : left));
        now = clock_micros(CLOCK_MONOTONIC);
    }
    if (target_rate != rate) *due = now;
}

static void *write_records(void *unused) {
    (void)unused;
    unsigned char *buffer = block_buffer(BLOCK);
    open_disk(&disks[0], 1, "/dev/vda", DISK1_AREA);
    open_disk(&disks[1], 2, "/dev/vdb", DISK2_AREA);
    open_area(&disks[0], buffer);
    open_area(&disks[1], buffer);
    uint64_t number = resume(buffer);
    uint32_t previous = number ? get32(buffer + 4092) : 0;
    uint64_t seed = fresh_seed();
    first_this_boot = number + 1;
    state = "writing";
    uint64_t due = clock_micros(CLOCK_MONOTONIC);
    for (;;) {
        number++;
        memcpy(buffer, "USRECORD", 8);
        put64(buffer + 8, number);
        memcpy(buffer + 16, boot_id, 16);
        uint64_t at = clock_micros(CLOCK_REALTIME);
        put64(buffer + 32, at);
        put32(buffer + 40, previous);
        put32(buffer + 44, 0);
        fill_random(buffer + 48, 4092 - 48, &seed);
        put32(buffer + 4092, previous = crc32c(buffer, 4092));
        pthread_mutex_lock(&write_lock);
        uint64_t start = clock_micros(CLOCK_MONOTONIC);
        write_durably(&disks[0], buffer, slot_at(&disks[0], number));
        last_on_disk1 = number;
        write_durably(&disks[1], buffer, slot_at(&disks[1], number));
        uint64_t end = clock_micros(CLOCK_MONOTONIC);
        last_micros = at;
        last_on_both = number;
        pthread_mutex_unlock(&write_lock);
        state = "writing";
        remember_latency(end, end - start);
        pace(&due);
    }
    return NULL;
}

/* Rewrites the next MiBs of the churn area of disk 1 with new random bytes; durable when it returns. */
static int churn(uint64_t mib, uint64_t *done_mib) {
    struct disk *d = &disks[0];
    uint64_t room = d->churn_bytes / (uint64_t)MIB;
    *done_mib = 0;
    if (!room) return -1;
    int fd = open("/dev/vda", O_RDWR | O_DIRECT | O_CLOEXEC);
    if (fd < 0) return -1;
    unsigned char *buffer = block_buffer((size_t)MIB);
    uint64_t seed = fresh_seed();
    int failed = 0;
    pthread_mutex_lock(&churn_lock);
    while (*done_mib < mib && !failed) {
        fill_random(buffer, (size_t)MIB, &seed);
        failed = write_whole(fd, buffer, (size_t)MIB, d->churn_at + churn_cursor % room * (uint64_t)MIB);
        churn_cursor++; churned_mib++; (*done_mib)++;
    }
    pthread_mutex_unlock(&churn_lock);
    failed |= fdatasync(fd);
    close(fd);
    free(buffer);
    return failed;
}

#include "firmware.h"

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int status_json(char *out, size_t size) {
    uint64_t now = clock_micros(CLOCK_MONOTONIC), since = now > WINDOW_MICROS ? now - WINDOW_MICROS : 0;
    uint64_t *recent = malloc(LATENCIES * sizeof *recent), count = 0, earliest = now;
    pthread_mutex_lock(&latency_lock);
    uint64_t kept = latency_count < LATENCIES ? latency_count : LATENCIES;
    for (uint64_t i = 0; i < kept; i++) {
        struct latency *l = &latencies[(latency_count - 1 - i) % LATENCIES];
        if (l->at < since) break;
        recent[count++] = l->micros;
        earliest = l->at - l->micros;
    }
    pthread_mutex_unlock(&latency_lock);
    qsort(recent, count, sizeof *recent, by_value);
    /* A window in which nothing was written for a while counts that while: a stall must show in the rate. */
    double seconds = latency_count > count ? WINDOW_MICROS / 1e6 : (double)(now - earliest) / 1e6;
    int n = snprintf(out, size,
        "{\"hostname\":\"%s\",\"bootId\":\"%s\",\"state\":\"%s\",\"lastRecord\":%llu,\"lastRecordOnDisk1\":%llu,"
        "\"lastRecordMicros\":%llu,\"firstRecordOfThisBoot\":%llu,\"completedOnDisk2\":%llu,"
        "\"targetPerSecond\":%g,\"writesPerSecond\":%.1f,"
        "\"latencyMicros\":{\"p50\":%llu,\"p99\":%llu,\"max\":%llu,\"count\":%llu,\"windowSeconds\":10},"
        "\"churnedMiB\":%llu,\"nowMicros\":%llu,\"uptimeMicros\":%llu}\n",
        guest_name, boot_id_text, state, (unsigned long long)last_on_both, (unsigned long long)last_on_disk1,
        (unsigned long long)last_micros, (unsigned long long)first_this_boot,
        (unsigned long long)completed_on_disk2, target_rate, seconds > 0 ? (double)count / seconds : 0.0,
        count ? (unsigned long long)recent[count / 2] : 0, count ? (unsigned long long)recent[count * 99 / 100] : 0,
        count ? (unsigned long long)recent[count - 1] : 0, (unsigned long long)count,
        (unsigned long long)churned_mib, (unsigned long long)clock_micros(CLOCK_REALTIME), (unsigned long long)now);
    free(recent);
    return n;
}

static void power_off(void) {
    pthread_mutex_lock(&write_lock); /* the record in hand becomes durable on both disks first */
    sync();
    reboot(RB_POWER_OFF);
}

/* The value of a query parameter, or NULL. */
static const char *parameter(const char *target, const char *name) {
    const char *query = strchr(target, '?');
    size_t length = strlen(name);
    for (const char *at = query ? query + 1 : NULL; at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL)
        if (!strncmp(at, name, length) && at[length] == '=') return at + length + 1;
    return NULL;
}

static int path_is(const char *target, const char *path) {
    size_t length = strlen(path);
    return !strncmp(target, path, length) && (!target[length] || target[length] == '?');
}

static void reply(int fd, int status, const char *reason, const char *body) {
    char head[256];
    int n = snprintf(head, sizeof head,
        "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
        status, reason, strlen(body));
    if (write(fd, head, (size_t)n) == n && write(fd, body, strlen(body)) < 0) perror("writer: reply");
}

static void refuse(int fd, const char *message) {
    char body[256];
    snprintf(body, sizeof body, "{\"error\":\"%s\"}\n", message);
    reply(fd, 400, "Bad Request", body);
}

static void answer(int fd, const char *target) {
    char body[2048];
    const char *value;
    if (path_is(target, "/") || path_is(target, "/status")) {
        status_json(body, sizeof body);
    } else if (path_is(target, "/rate")) {
        if (!(value = parameter(target, "per_second")) || atof(value) < 0) {
            refuse(fd, "say /rate?per_second=N with N >= 0, 0 for as fast as possible");
            return;
        }
        target_rate = atof(value);
        status_json(body, sizeof body);
    } else if (path_is(target, "/churn")) {
        uint64_t mib = (value = parameter(target, "mib")) ? strtoull(value, NULL, 10) : 0, done;
        uint64_t start = clock_micros(CLOCK_MONOTONIC);
        if (!mib || churn(mib, &done)) {
            refuse(fd, "say /churn?mib=N with N > 0, on a disk 1 that has a churn area");
            return;
        }
        snprintf(body, sizeof body, "{\"churnedMiB\":%llu,\"areaMiB\":%llu,\"micros\":%llu}\n",
            (unsigned long long)done, (unsigned long long)(disks[0].churn_bytes / (uint64_t)MIB),
            (unsigned long long)(clock_micros(CLOCK_MONOTONIC) - start));
    } else if (path_is(target, "/clock")) {
        uint64_t micros = (value = parameter(target, "micros")) ? strtoull(value, NULL, 10) : 0;
        struct timeval t = { (time_t)(micros / 1000000), (suseconds_t)(micros % 1000000) };
        if (!micros || settimeofday(&t, NULL)) {
            refuse(fd, "say /clock?micros=N, microseconds since 1970");
            return;
        }
        status_json(body, sizeof body);
    } else if (path_is(target, "/firmware")) {
        firmware_json(body, sizeof body);
    } else if (path_is(target, "/poweroff")) {
        reply(fd, 200, "OK", "{\"poweringOff\":true}\n");
        shutdown(fd, SHUT_RDWR);
        power_off();
        return;
    } else {
        reply(fd, 404, "Not Found", "{\"error\":\"paths: / /status /rate /churn /clock /firmware /poweroff\"}\n");
        return;
    }
    reply(fd, 200, "OK", body);
}

static void *serve_one(void *argument) {
    int fd = (int)(intptr_t)argument;
    char request[4096];
    size_t length = 0;
    struct timeval patience = { 10, 0 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (length < sizeof request - 1) {
        ssize_t n = read(fd, request + length, sizeof request - 1 - length);
        if (n <= 0) break;
        length += (size_t)n;
        request[length] = 0;
        if (strstr(request, "\r\n\r\n")) break;
    }
    request[length] = 0;
    char target[1024];
    if (sscanf(request, "GET %1023s HTTP/", target) == 1) answer(fd, target);
    else refuse(fd, "only GET is spoken here");
    shutdown(fd, SHUT_RDWR);
    close(fd);
    return NULL;
}

static void serve(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(80) };
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 64)) perror("writer: port 80");
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        if (fd < 0) { usleep(10000); continue; }
        if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd)) close(fd);
        else pthread_detach(thread);
    }
}

static void *watch_button(void *argument) {
    int fd = open(argument, O_RDONLY | O_CLOEXEC);
    struct input_event event;
    while (fd >= 0 && read(fd, &event, sizeof event) == (ssize_t)sizeof event)
        if (event.type == EV_KEY && event.code == KEY_POWER && event.value) power_off();
    return NULL;
}

static void read_configuration(void) {
    char line[256];
    FILE *file = fopen("/etc/guest.conf", "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "name=", 5)) snprintf(guest_name, sizeof guest_name, "%.63s", line + 5);
        if (!strncmp(line, "rate=", 5)) target_rate = atof(line + 5);
    }
    if (file) fclose(file);
    sethostname(guest_name, strlen(guest_name));
    file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file && fgets(boot_id_text, sizeof boot_id_text, file)) boot_id_text[strcspn(boot_id_text, "\n")] = 0;
    if (file) fclose(file);
    for (const char *at = boot_id_text, *end = at + strlen(at); at < end; at++) {
        static int digits;
        int digit = *at == '-' ? -1 : *at <= '9' ? *at - '0' : *at - 'a' + 10;
        if (digit < 0 || digits == 32) continue;
        boot_id[digits / 2] = (unsigned char)(boot_id[digits / 2] << 4 | digit);
        digits++;
    }
}

int main(void) {
    static char *buttons[] = { "/dev/input/event0", "/dev/input/event1", "/dev/input/event2", "/dev/input/event3" };
    pthread_t thread;
    signal(SIGPIPE, SIG_IGN);
    crc_prepare();
    read_configuration();
    pthread_create(&thread, NULL, write_records, NULL);
    pthread_create(&thread, NULL, keep_in_firmware, NULL);
    for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++)
        pthread_create(&thread, NULL, watch_button, buttons[i]);
    serve();
}
