#include "cli/failure.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <stdexcept>

#include "base/error.h"

namespace bv::cli {
namespace {

Failure FailureOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    return Describe(error);
  }
  return {0, "no error"};
}

constexpr const char* kOutOfMemory = "out of memory; a smaller batch or a shorter --max-length needs less";

TEST(Describe, ALackOfMemoryIsCalledByItsNameWhoeverReportsIt) {
  EXPECT_EQ(FailureOf([] { throw std::bad_alloc(); }).message, kOutOfMemory);
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer ends the process where an allocation is too large";
#endif
  // More than any address space.
  const Failure failure = FailureOf([] { at::empty({int64_t{1} << 50}, at::kFloat); });
  EXPECT_EQ(failure.message, kOutOfMemory);
  EXPECT_EQ(failure.exit_code, 1);
}

TEST(Describe, OwnErrorsKeepTheirWordsAndDecideTheExitCode) {
  const auto code = [](ErrorKind kind) { return FailureOf([&] { throw Error(kind, "x"); }).exit_code; };
  EXPECT_EQ(code(ErrorKind::kUsage), 2);
  EXPECT_EQ(code(ErrorKind::kInterrupted), 130);
  EXPECT_EQ(code(ErrorKind::kData), 1);
  EXPECT_EQ(FailureOf([] { throw Error(ErrorKind::kData, "a\nb\r: cut off"); }).message, "a b : cut off");
}

TEST(Describe, OtherErrorsAreCutToTheirFirstLine) {
  EXPECT_EQ(FailureOf([] { throw std::runtime_error("sizes differ\nException raised from"); }).message,
            "sizes differ");
}

}  // namespace
}  // namespace bv::cli
