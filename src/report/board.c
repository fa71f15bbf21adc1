#include "report/board.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "report/format.h"

/* ECMA-48: EL, the rest of the line from where the cursor stands; CUU, up. The cursor rests at the end of the last line. */
#define ERASE_REST "\x1b[K"
#define UP         "\x1b[A"

void pawl_board_begin(pawl_board *board, FILE *out, const pawl_terminal *terminal)
{
	*board = (pawl_board){.out = out, .terminal = *terminal};
}

static size_t less_one(int size)
{
	return size > 2 ? (size_t) size - 1 : 1;
}

size_t pawl_board_height(const pawl_board *board)
{
	return less_one(board->terminal.height);
}

/* A full line would wrap. */
size_t pawl_board_width(const pawl_board *board)
{
	return less_one(board->terminal.width);
}

static size_t count_lines(const char *text)
{
	size_t count = 1;
	while ((text = strchr(text, '\n')) != NULL) {
		count++;
		text++;
	}
	return count;
}

/* To the start of the first line that is there. Those beyond `line_count`, which will not be drawn over, are erased. */
static void append_return(pawl_buffer *out, const pawl_board *board, size_t line_count)
{
	pawl_buffer_append(out, "\r");
	for (size_t i = board->line_count; i > line_count; i--)
		pawl_buffer_append(out, ERASE_REST UP);
	for (size_t i = 1; i < board->line_count && i < line_count; i++)
		pawl_buffer_append(out, UP);
}

/* Each line is drawn over what is there, and the rest erased afterwards: erasing first would flicker. */
static void append_lines(pawl_buffer *out, const pawl_board *board, const char *text, size_t line_count)
{
	size_t width;
	for (size_t i = 0; i < line_count; i++) {
		size_t length = strcspn(text, "\n");
		pawl_buffer_append(out, i > 0 ? "\n" : "");
		pawl_buffer_append_bytes(out, text, pawl_format_fit(text, length, pawl_board_width(board), &width));
		pawl_buffer_append(out, ERASE_REST);
		text += length + 1;
	}
}

void pawl_board_draw(pawl_board *board, const char *text)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer drawing = {0};
	size_t line_count = count_lines(text);
	if (!board->terminal.is_live)
		return;
	if (line_count > pawl_board_height(board))
		line_count = pawl_board_height(board);
	append_return(&drawing, board, line_count);
	append_lines(&drawing, board, text, line_count);
	if (drawing.has_failed)
		return;
	/* At once: a terminal's stream would go out line by line. */
	fwrite(drawing.text, 1, drawing.length, board->out);
	fflush(board->out);
	board->line_count = line_count;
}

void pawl_board_erase(pawl_board *board)
{
	if (board->line_count > 0)
		fputs("\r" ERASE_REST, board->out);
	for (size_t i = 1; i < board->line_count; i++)
		fputs(UP ERASE_REST, board->out);
	board->line_count = 0;
}
