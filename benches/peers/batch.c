/* What a careful C programmer would write in place of `hookbelt hooks verify --batch`: lines of `url TAB signature` from a
   file, HMAC-SHA1 with OpenSSL's SHA-1, the key's two blocks hashed once. Of each refused line it prints the number.

   usage: batch SECRET FILE

   It uses OpenSSL's interface, EVP; with -DDEPRECATED the SHA1 functions below it, which are quicker to begin and to copy, but
   which OpenSSL 3 tells not to use. */

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#ifdef DEPRECATED
typedef SHA_CTX context;
static context inner[1], outer[1], working[1];
static void start(context *context) { SHA1_Init(context); }
static void copy(context *to, context *from) { *to = *from; }
static void add(context *context, const void *bytes, size_t length) { SHA1_Update(context, bytes, length); }
static void finish(context *context, unsigned char *digest) { SHA1_Final(digest, context); }
#else
typedef EVP_MD_CTX context;
static context *inner, *outer, *working;
static void start(context *context) { EVP_DigestInit_ex(context, EVP_sha1(), NULL); }
static void copy(context *to, context *from) { EVP_MD_CTX_copy_ex(to, from); }
static void add(context *context, const void *bytes, size_t length) { EVP_DigestUpdate(context, bytes, length); }
static void finish(context *context, unsigned char *digest) { EVP_DigestFinal_ex(context, digest, NULL); }
#endif
static signed char digits[256];

static void prepare(const char *secret) {
    unsigned char key[64] = {0}, block[64];
    size_t length = strlen(secret);
    if (length > sizeof key)
        SHA1((const unsigned char *)secret, length, key);
    else
        memcpy(key, secret, length);
    for (int at = 0; at < 64; at++)
        block[at] = key[at] ^ 0x36;
    start(inner);
    add(inner, block, 64);
    for (int at = 0; at < 64; at++)
        block[at] = key[at] ^ 0x5c;
    start(outer);
    add(outer, block, 64);
    memset(digits, -1, sizeof digits);
    for (int digit = 0; digit < 16; digit++) {
        digits[(unsigned char)"0123456789abcdef"[digit]] = digit;
        digits[(unsigned char)"0123456789ABCDEF"[digit]] = digit;
    }
}

static int from_hex(const char *text, unsigned char *bytes) {
    int wrong = 0;
    for (int at = 0; at < 20; at++) {
        int high = digits[(unsigned char)text[2 * at]], low = digits[(unsigned char)text[2 * at + 1]];
        wrong |= high | low;
        bytes[at] = (unsigned char)(high << 4 | low);
    }
    return wrong >= 0;
}

static int is_valid(const char *line, size_t length) {
    const char *tab = memchr(line, '\t', length);
    unsigned char presented[20], computed[20];
    if (!tab || line + length - tab - 1 != 40 || !from_hex(tab + 1, presented))
        return 0;
    copy(working, inner);
    add(working, line, tab - line);
    finish(working, computed);
    copy(working, outer);
    add(working, computed, 20);
    finish(working, computed);
    return CRYPTO_memcmp(computed, presented, 20) == 0;
}

int main(int count, char **arguments) {
    FILE *file = count == 3 ? fopen(arguments[2], "r") : NULL;
    if (!file)
        return 2;
    setvbuf(file, NULL, _IOFBF, 256 * 1024);
#ifndef DEPRECATED
    inner = EVP_MD_CTX_new(), outer = EVP_MD_CTX_new(), working = EVP_MD_CTX_new();
#endif
    prepare(arguments[1]);
    char *line = NULL;
    size_t size = 0, number = 0, refused = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0) {
        number++;
        if (line[length - 1] == '\n')
            length--;
        if (!is_valid(line, (size_t)length)) {
            refused++;
            printf("%zu\n", number);
        }
    }
    fprintf(stderr, "%zu verified: %zu valid, %zu refused\n", number, number - refused, refused);
    return refused > 0;
}
