/*
 * What the guest keeps in its UEFI variables and in its TPM: every two seconds the number of its last record, as a
 * boot entry and as a value in the TPM. At a start it tells the numbers that it found, so that disks, variables and
 * TPM can be proved to be of one instant. A guest without either does nothing here.
 */
#define EFIVARS "/sys/firmware/efi/efivars/"
#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define BOOT_ENTRY EFIVARS "Boot0042" GLOBAL
#define SECURE_BOOT EFIVARS "SecureBoot" GLOBAL
#define NV_INDEX 0x01500042u
#define TPM_OWNER 0x40000001u
#define TPM_PASSWORD 0x40000009u

/* -1 is none. */
static volatile long long found_entry = -1, found_sealed = -1, kept_entry = -1, kept_sealed = -1;
static volatile int secure_boot = -1;

static size_t put_be(unsigned char *at, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) at[i] = (unsigned char)(value >> 8 * (bytes - 1 - i));
    return (size_t)bytes;
}

/* A load option: attributes, length of the path, a title in UTF-16, a path that ends at once. */
static int write_entry(uint64_t number) {
    unsigned char option[128] = { 7, 0, 0, 0, 1, 0, 0, 0, 4, 0 };
    char title[48];
    size_t length = 10;
    int n = snprintf(title, sizeof title, "record %llu", (unsigned long long)number);
    for (int i = 0; i <= n; i++, length += 2) option[length] = (unsigned char)title[i];
    option[length++] = 0x7f; option[length++] = 0xff; option[length++] = 4; option[length++] = 0;
    int fd = open(BOOT_ENTRY, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return -1;
    int failed = write(fd, option, length) != (ssize_t)length;
    close(fd);
    return failed ? -1 : 0;
}

static long long read_entry(void) {
    unsigned char option[128];
    int fd = open(BOOT_ENTRY, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, option, sizeof option);
    if (fd >= 0) close(fd);
    char title[48] = "";
    for (ssize_t i = 10, to = 0; i + 1 < n && to < 47 && option[i]; i += 2) title[to++] = (char)option[i];
    unsigned long long number;
    return sscanf(title, "record %llu", &number) == 1 ? (long long)number : -1;
}

/* Begins a command under the empty password, behind one handle or two. */
static size_t begin_tpm(unsigned char *to, uint32_t code, uint32_t first, uint32_t second) {
    size_t n = put_be(to, 0x8002, 2);
    n += put_be(to + n, 0, 4);
    n += put_be(to + n, code, 4);
    n += put_be(to + n, first, 4);
    if (second) n += put_be(to + n, second, 4);
    n += put_be(to + n, 9, 4);
    n += put_be(to + n, TPM_PASSWORD, 4);
    n += put_be(to + n, 0, 2);
    to[n++] = 0;
    return n + put_be(to + n, 0, 2);
}

/* The bytes of the answer, or -1 where the TPM says no. */
static ssize_t ask_tpm(unsigned char *command, size_t length, unsigned char *answer, size_t room) {
    put_be(command + 2, length, 4);
    int fd = open("/dev/tpm0", O_RDWR | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t n = write(fd, command, length) == (ssize_t)length ? read(fd, answer, room) : -1;
    close(fd);
    return n >= 10 && !answer[6] && !answer[7] && !answer[8] && !answer[9] ? n : -1;
}

static int define_sealed(void) {
    unsigned char command[96], answer[256];
    size_t n = begin_tpm(command, 0x12a, TPM_OWNER, 0);
    n += put_be(command + n, 0, 2);
    n += put_be(command + n, 14, 2);
    n += put_be(command + n, NV_INDEX, 4);
    n += put_be(command + n, 0x000b, 2);
    n += put_be(command + n, 0x02060006, 4); /* owner and password may write and read; no lockout */
    n += put_be(command + n, 0, 2);
    n += put_be(command + n, 8, 2);
    return ask_tpm(command, n, answer, sizeof answer) < 0 ? -1 : 0;
}

static int write_sealed(uint64_t number) {
    unsigned char command[96], answer[256];
    size_t n = begin_tpm(command, 0x137, TPM_OWNER, NV_INDEX);
    n += put_be(command + n, 8, 2);
    n += put_be(command + n, number, 8);
    n += put_be(command + n, 0, 2);
    return ask_tpm(command, n, answer, sizeof answer) < 0 ? -1 : 0;
}

static long long read_sealed(void) {
    unsigned char command[96], answer[256];
    size_t n = begin_tpm(command, 0x14e, TPM_OWNER, NV_INDEX);
    n += put_be(command + n, 8, 2);
    n += put_be(command + n, 0, 2);
    return ask_tpm(command, n, answer, sizeof answer) < 24 ? -1 : (long long)get64(answer + 16);
}

static void *keep_in_firmware(void *unused) {
    (void)unused;
    unsigned char secure[5] = { 0 };
    int fd = open(SECURE_BOOT, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, secure, sizeof secure) == (ssize_t)sizeof secure) secure_boot = secure[4];
        close(fd);
    }
    kept_entry = found_entry = read_entry();
    kept_sealed = found_sealed = read_sealed();
    if (found_sealed < 0 && !access("/dev/tpm0", F_OK) && define_sealed()) fprintf(stderr, "writer: no room in the TPM\n");
    for (;;) {
        uint64_t number = last_on_both;
        if (number && (long long)number != kept_entry && !write_entry(number)) kept_entry = (long long)number;
        if (number && (long long)number != kept_sealed && !write_sealed(number)) kept_sealed = (long long)number;
        sleep(2);
    }
    return NULL;
}

static void firmware_json(char *out, size_t size) {
    snprintf(out, size, "{\"secureBoot\":%d,\"foundEntry\":%lld,\"foundSealed\":%lld,\"keptEntry\":%lld,"
        "\"keptSealed\":%lld,\"lastRecord\":%llu,\"firstRecordOfThisBoot\":%llu}\n", secure_boot, found_entry,
        found_sealed, kept_entry, kept_sealed, (unsigned long long)last_on_both,
        (unsigned long long)first_this_boot);
}
