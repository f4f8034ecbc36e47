/* SPDX-License-Identifier: MIT
 *
 * Stands in for libFuzzer: fuzz_x [--mutate N SEED] FILE-OR-FOLDER... feeds every file to
 * LLVMFuzzerTestOneInput, then N seeded mutations of them, and prints TAP.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_INPUTS 4096
#define MAX_INPUT_BYTES (1024 * 1024)
#define MUTATION_ROOM 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

typedef struct {
    uint8_t *bytes;
    size_t size;
} Input;

static Input inputs[MAX_INPUTS];
static size_t input_count;

static void die(const char *what, const char *path)
{
    printf("Bail out! %s: %s\n", path, what);
    exit(1);
}

static void read_file(const char *path, off_t size)
{
    if (input_count == MAX_INPUTS || size > MAX_INPUT_BYTES)
        die("too many inputs, or too large a one", path);
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes = malloc((size_t)size + 1);
    if (file == NULL || bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        die("cannot be read", path);
    fclose(file);
    inputs[input_count].bytes = bytes;
    inputs[input_count++].size = (size_t)size;
}

static void read_path(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        die("is not there", path);
    if (!S_ISDIR(info.st_mode)) {
        read_file(path, info.st_size);
        return;
    }
    struct dirent **names = NULL;
    int count = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char below[4096];
        int length = snprintf(below, sizeof below, "%s/%s", path, names[i]->d_name);
        if (length >= (int)sizeof below)
            die("path too long", path);
        if (names[i]->d_name[0] != '.')
            read_path(below);
        free(names[i]);
    }
    free(names);
}

/* A fresh exact-size copy each time, so that the sanitizer sees a read one byte beyond. */
static void feed(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        exit(1);
    if (size > 0)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* xorshift64*: Vigna 2016. The same seed gives the same inputs everywhere. */
static uint64_t random_state;

static size_t random_below(size_t limit)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (size_t)((random_state * 2685821657736338717ULL) >> 33) % limit;
}

/* One small change of SIZE bytes in a buffer with room for one more; returns the new size. */
static size_t mutate_once(uint8_t *bytes, size_t size)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '-', '0', '\n', ',', '[', '"', '='};
    size_t at = random_below(size + 1);
    uint8_t value = random_below(2) ? telling[random_below(sizeof telling)] : (uint8_t)random_below(256);
    switch (random_below(5)) {
    case 0:
        return at; /* cut off */
    case 1:
        memmove(bytes + at + 1, bytes + at, size - at);
        bytes[at] = value;
        return size + 1;
    case 2:
        if (at < size)
            memmove(bytes + at, bytes + at + 1, size - at - 1);
        return at < size ? size - 1 : size;
    case 3:
        if (at < size)
            bytes[at] ^= (uint8_t)(1u << random_below(8));
        return size;
    default:
        if (at < size)
            bytes[at] = value;
        return size;
    }
}

static void feed_mutation(const Input *input)
{
    uint8_t *bytes = malloc(input->size + MUTATION_ROOM);
    if (bytes == NULL)
        exit(1);
    memcpy(bytes, input->bytes, input->size);
    size_t size = input->size;
    for (size_t left = 1 + random_below(MUTATION_ROOM / 4); left > 0; left--)
        size = mutate_once(bytes, size);
    feed(bytes, size);
    free(bytes);
}

static unsigned long number(const char *text)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end != '\0')
        die("is no number", text);
    return value;
}

int main(int argc, char **argv)
{
    unsigned long mutations = 0;
    int first = 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argc, &argv);
    if (argc > 3 && strcmp(argv[1], "--mutate") == 0) {
        mutations = number(argv[2]);
        random_state = number(argv[3]) * 2 + 1;
        first = 4;
    }
    for (int i = first; i < argc; i++)
        read_path(argv[i]);
    bool any = input_count > 0;

    printf("1..%d\n", mutations > 0 ? 2 : 1);
    for (size_t i = 0; i < input_count; i++)
        feed(inputs[i].bytes, inputs[i].size);
    printf("%sok 1 - corpus of %zu inputs\n", any ? "" : "not ", input_count);
    for (unsigned long i = 0; any && i < mutations; i++)
        feed_mutation(&inputs[random_below(input_count)]);
    if (mutations > 0)
        printf("%sok 2 - %lu mutations\n", any ? "" : "not ", mutations);
    for (size_t i = 0; i < input_count; i++)
        free(inputs[i].bytes);
    return any ? 0 : 1;
}
