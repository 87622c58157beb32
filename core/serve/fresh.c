/* From a fork of the supervisor to a process that stands alone. */
#include "core/serve/fresh.h"
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

void fresh_process(int fd, pid_t parent, int death) {
  static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGCHLD};
  int zero = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (zero > 0)
    dup2(zero, STDIN_FILENO);
  if (fd != FRESH_FD && dup2(fd, FRESH_FD) < 0)
    _exit(1);
  close_range(FRESH_FD + 1, ~0u, 0);
  fcntl(FRESH_FD, F_SETFD, FD_CLOEXEC);
  fcntl(FRESH_FD, F_SETFL, 0);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    signal(numbers[i], SIG_DFL);
  prctl(PR_SET_PDEATHSIG, death);
  if (getppid() != parent)
    _exit(0);
}

void fresh_unblock(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}
