/* The log: one line at a time on stderr, as text or as JSON, with every known secret masked. All [any]. */
#ifndef LOG_LOG_H
#define LOG_LOG_H
#include <sluice/plugin.h>
#include <stdarg.h>
#include <stdbool.h>

enum log_format { LOG_AUTO, LOG_TEXT, LOG_JSON }; /* AUTO is text; on a terminal coloured by level */
/* Levels are enum sluice_level; lines below `level` are dropped. The default is LOG_AUTO and SLUICE_INFO. */
void log_setup(enum log_format format, int level);
void log_set_fd(int fd); /* where lines go; for tests. Default 2. */

/* job (or NULL) is the job's name. Control characters are escaped, a line is one write(2), a message is cut at 4 KiB.
 */
__attribute__((format(printf, 3, 4))) void log_write(int level, const char *job, const char *format, ...);
void log_vwrite(int level, const char *job, const char *format, va_list args);
/* The same for a plugin's line: `plugin` is its name, such as "source-s3". */
void log_plugin(int level, const char *job, const char *plugin, const char *message);

/* Shows a line that stays last on a terminal; "" or NULL takes it away. Nothing where stderr is no terminal, or JSON.
 */
void log_set_status_line(const char *line);

/* From now on this value is shown as *** by every log line and by log_redact. Values under 4 bytes are not taken. */
void log_add_secret(const char *value);
/* Masks secrets in place; the text never gets longer. Meant for what is printed past the log: errors, rejects, status.
 */
void log_redact(char *text);
void log_redact_error(struct sluice_error *err); /* both of its texts */

#endif
