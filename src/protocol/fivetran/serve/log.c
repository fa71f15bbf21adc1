/* Lines by the rules of the partner's guide: JSON on standard output, levels INFO, WARNING and SEVERE. */
#include <string.h>

#include "protocol/fivetran/serve.h"

static const char *level_name(pawl_log_level level)
{
	if (level >= PAWL_LOG_SEVERE)
		return "SEVERE";
	return level >= PAWL_LOG_WARNING ? "WARNING" : "INFO";
}

void pawl_fivetran_log(FILE *out, pawl_log_level level, const char *message)
{
	if (level < PAWL_LOG_INFO)
		return;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer line = {0};
	pawl_buffer_appendf(&line, "{\"level\":\"%s\",\"message\":", level_name(level));
	pawl_buffer_append_json(&line, message, strlen(message));
	pawl_buffer_append(&line, ",\"message-origin\":\"sdk_connector\"}\n");
	fwrite(pawl_buffer_text(&line), 1, line.length, out); /* at once, so that lines of several threads do not mix */
	fflush(out);
}
