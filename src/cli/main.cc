// Finds the verb, runs it, and turns every failure into one line on stderr and an exit code: 0 done, 1
// failed, 2 wrong usage, 130 interrupted. The only place that catches.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "base/version.h"
#include "cli/failure.h"
#include "cli/verbs.h"

namespace bv::cli {
namespace {

int Fail(const Failure& failure) {
  std::cout.flush();
  std::fputs(("bertvision: error: " + failure.message + "\n").c_str(), stderr);
  return failure.exit_code;
}

std::string OverallHelp() {
  std::string help = Cat("bertvision ", kVersion, ": small heads on all layers of BERT\n\n",
                         "Usage: bertvision VERB [options]\n\nVerbs:\n");
  for (const Verb& verb : Verbs())
    help += Cat("  ", verb.name, std::string(12 - strlen(verb.name), ' '), verb.summary, "\n");
  return help + "\nbertvision VERB --help tells a verb's options; bertvision --version the version.\n";
}

const Verb& FindVerb(const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& verb : Verbs()) {
    if (name == verb.name) return verb;
    names.emplace_back(verb.name);
  }
  const std::string nearest = Join(Nearest(name, names), ", ");
  throw Error(ErrorKind::kUsage, Cat("unknown verb ", Quoted(name), nearest.empty() ? "" : "; nearest: ",
                                     nearest, " (bertvision --help lists all)"));
}

void Run(const std::vector<std::string>& args) {
  if (args.empty()) throw Error(ErrorKind::kUsage, "a verb is needed, for example bertvision --help");
  if (args[0] == "--help" || args[0] == "-h") {
    std::cout << OverallHelp();
    return;
  }
  if (args[0] == "--version") {
    std::cout << "bertvision " << kVersion << "\n";
    return;
  }
  if (args[0].starts_with("-")) {
    throw Error(ErrorKind::kUsage,
                Cat("the verb comes first, found ", Quoted(args[0]), " (bertvision --help lists all)"));
  }
  const Verb& verb = FindVerb(args[0]);
  Options options(verb.name, verb.summary);
  const Action action = verb.declare(options);
  if (options.Parse({args.begin() + 1, args.end()})) {
    action();
  } else {
    std::cout << options.Help();
  }
}

// LibTorch's OpenMP threads spin while they wait for each other. On a machine that does anything else beside,
// the spinning takes the processor from the thread that is waited for, and a step can take ten times as long;
// without any spinning an idle machine loses a sixth. How long they spin is decided by the environment when
// the library is loaded, which is before main: so the program starts itself again, once, with the variable
// set. What the user has set stands.
void StartWithPatientThreads(int argc, char** argv) {
  if (argc < 2 || std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr)
    return;
  const auto& verbs = Verbs();
  const bool long_work = std::any_of(verbs.begin(), verbs.end(), [&](const Verb& verb) {
    return verb.long_work && std::strcmp(verb.name, argv[1]) == 0;
  });
  if (!long_work) return;
  setenv("GOMP_SPINCOUNT", "2000", 1);
  execv("/proc/self/exe", argv);  // where that fails, the work is done as it is
}

void FlushResults() {
  if (!std::cout.flush() || std::fflush(stdout) != 0) throw IoError("cannot write the results", "stdout");
}

int Main(int argc, char** argv) {
  StartWithPatientThreads(argc, argv);
  // A reader of our results that goes away, as in "| head", ends the program as it ends any filter, even
  // where the parent process ignores the signal.
  std::signal(SIGPIPE, SIG_DFL);
  try {
    Run({argv + std::min(argc, 1), argv + argc});
    FlushResults();
    return 0;
  } catch (const std::exception& error) {
    return Fail(Describe(error));
  }
}

}  // namespace
}  // namespace bv::cli

int main(int argc, char** argv) {
  return bv::cli::Main(argc, argv);
}
