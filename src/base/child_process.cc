#include "base/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "base/error.h"
#include "base/interrupt.h"

namespace bv {
namespace {

constexpr const char* kSelf = "/proc/self/exe";
constexpr int kCannotStart = 127;
constexpr useconds_t kPollMicroseconds = 20'000;

// In the child; calls only what is allowed between fork and exec.
[[noreturn]] void BecomeSelf(char* const* argv, int output, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(kCannotStart);  // it was gone before the line above
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  if (dup2(output, STDOUT_FILENO) < 0) _exit(kCannotStart);
  execv(kSelf, argv);
  constexpr std::string_view kWhy =
      "bertvision: error: a step's process cannot be started; its command may be too long\n";
  static_cast<void>(!write(STDERR_FILENO, kWhy.data(), kWhy.size()));
  _exit(kCannotStart);
}

int ExitCode(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int WaitFor(pid_t child) {
  bool passed_on = false;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return ExitCode(status);
    if (ended < 0 && errno != EINTR) throw IoError("cannot wait for", "a step's process");
    if (!passed_on && InterruptRequested()) {
      kill(child, SIGINT);
      passed_on = true;
    }
    usleep(kPollMicroseconds);
  }
}

}  // namespace

int RunSelf(const std::vector<std::string>& args, const std::filesystem::path& output) {
  std::vector<std::string> words = {"bertvision"};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) throw IoError("cannot write", output.string());
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) BecomeSelf(argv.data(), file, parent);
  const int fork_error = errno;
  close(file);
  if (child < 0) {
    errno = fork_error;
    throw IoError("cannot start", words[0]);
  }
  return WaitFor(child);
}

}  // namespace bv
