/*
 * capture.h: a stream that keeps what was written to it.
 *
 *     PAWL_CLEANUP(capture_close) capture output = capture_open();
 *     print_something(output.out);
 *     assert_string_equal(capture_text(&output), "something\n");
 */
#ifndef PAWL_TESTS_CAPTURE_H
#define PAWL_TESTS_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>

typedef struct capture {
	FILE *out;
	struct captured_text {
		char *text;
		size_t length;
	} *kept; /* has to stay where it is, while the capture is moved */
} capture;

static inline capture capture_open(void)
{
	capture output = {.kept = calloc(1, sizeof(struct captured_text))};
	if (output.kept != NULL)
		output.out = open_memstream(&output.kept->text, &output.kept->length);
	if (output.out == NULL)
		abort();
	return output;
}

static inline const char *capture_text(capture *output)
{
	fflush(output->out);
	return output->kept->text;
}

static inline void capture_close(capture *output)
{
	fclose(output->out);
	free(output->kept->text);
	free(output->kept);
}

#endif
