/* A sample function in C: answers what it is sent, in capital letters. With `?reverse` back to front. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More is refused: a function decides itself what it takes. */
enum { MOST = 1 << 20 };

int main(void) {
    static char text[MOST + 1];
    size_t length = fread(text, 1, sizeof text, stdin);
    if (length > MOST) {
        fputs("upper takes at most 1 MiB\n", stdout);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < length; i++) text[i] = (char)toupper((unsigned char)text[i]);
    /* What follows the question mark of the URL. */
    const char *query = getenv("Http_Query");
    if (query != NULL && strcmp(query, "reverse") == 0) {
        for (size_t i = 0; i < length / 2; i++) {
            char c = text[i];
            text[i] = text[length - 1 - i];
            text[length - 1 - i] = c;
        }
    }
    return fwrite(text, 1, length, stdout) == length ? EXIT_SUCCESS : EXIT_FAILURE;
}
