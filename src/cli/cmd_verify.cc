// bertvision verify: checks what was saved against its checksums.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/strings.h"
#include "cli/verbs.h"
#include "store/verify_store.h"

namespace bv::cli {
namespace {

struct VerifyOptions {
  fs::path path;
  bool json = false;
};

VerifyReport VerifyWithProgress(const fs::path& path) {
  std::unique_ptr<Progress> bar;
  return VerifyStore(path, [&](int64_t done, int64_t total) {
    if (!bar) bar = std::make_unique<Progress>("verify", total >> 20, "MiB");
    bar->Set(done >> 20);
  });
}

void Verify(const VerifyOptions& values) {
  const VerifyReport report = VerifyWithProgress(values.path);
  const bool good = report.problems.empty();
  if (values.json) {
    const OrderedJson result = {{"path", values.path.string()}, {"good", good},
                                {"files", report.files},        {"bytes", report.bytes},
                                {"problems", report.problems},  {"strangers", report.strangers}};
    std::cout << result.dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
  } else {
    for (const std::string& problem : report.problems) std::cout << problem << "\n";
    for (const std::string& name : report.strangers) std::cout << name << " does not belong to the store\n";
    if (good) {
      std::cout << values.path.string() << ": " << Thousands(report.files) << " files, "
                << HumanBytes(report.bytes) << ", all as they were written\n";
    }
  }
  if (!good) {
    throw DataError(values.path.string(), Cat("verification found ", report.problems.size(),
                                              report.problems.size() == 1 ? " problem" : " problems",
                                              "; the first: ", report.problems.front()));
  }
}

}  // namespace

Action DeclareVerify(Options& options) {
  auto values = std::make_shared<VerifyOptions>();
  options.Argument("PATH", &values->path, "a store");
  options.Json(&values->json);
  options.Note(
      "Reads every byte. Exit code 0: all is as it was written; 1: something is not, and what is printed.\n"
      "Example: bertvision verify states/train");
  return [values] { Verify(*values); };
}

}  // namespace bv::cli
