/* Preloaded, it lets the N-th request to write below a folder fail, once or from then on, and
 * writes down in their order the requests that there were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[PATH_MAX];
static long left, asked;
static int lasting, number;
static FILE *log_file;

/* Count from now on: the n-th request below `where` fails with `error`; 0 for none. */
void arm(const char *where, long n, int for_ever, int error, const char *log)
{
    snprintf(folder, sizeof folder, "%s", where);
    left = n;
    asked = 0;
    lasting = for_ever;
    number = error;
    log_file = log ? fopen(log, "w") : NULL;
}

long requests(void) { return asked; }

static int fails(const char *what, const char *path)
{
    char whole[PATH_MAX * 2], here[PATH_MAX];
    if (!*folder || !path)
        return 0;
    if (*path != '/' && getcwd(here, sizeof here))
        snprintf(whole, sizeof whole, "%s/%s", here, path);
    else
        snprintf(whole, sizeof whole, "%s", path);
    if (strncmp(whole, folder, strlen(folder)))
        return 0;
    asked++;
    if (log_file) {
        fprintf(log_file, "%s %s\n", what, whole + strlen(folder));
        fflush(log_file);
    }
    if (!left || asked < left || (asked > left && !lasting))
        return 0;
    errno = number;
    return 1;
}

static int fails_at(const char *what, int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return fails(what, path);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    return fails_at("write", fd) ? -1 : real(fd, data, size);
}

int fsync(int fd)
{
    REAL(fsync);
    return fails_at("fsync", fd) ? -1 : real(fd);
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    return fails("rename", to) ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    return fails("mkdir", path) ? -1 : real(path, mode);
}

static int opens(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    return (flags & O_CREAT) && fails("create", path) ? -1 : real(path, flags, mode);
}

#define OPENS(name)                                  \
    int name(const char *path, int flags, ...)       \
    {                                                \
        va_list more;                                \
        va_start(more, flags);                       \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more);                                \
        return opens(#name, path, flags, mode);      \
    }
OPENS(open)
OPENS(open64)
