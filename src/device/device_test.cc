#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "device/machine.h"
#include "device/precision.h"

namespace bv {
namespace {

using testing::ElementsAre;

constexpr const char* kX86 =
    "processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz: fast\nflags\t\t: fpu avx2 fma avx512f avx512_bf16 "
    "xsave\n"
    "processor\t: 1\nmodel name\t: Other\nflags\t\t: fpu\n";
constexpr const char* kOldX86 = "model name\t: Old\nflags\t\t: fpu avx2 avx512_bf16x fma\n";
constexpr const char* kArm = "processor\t: 0\nFeatures\t: fp asimd sve i8mm bf16\n";

TEST(Machine, ReadsTheFirstProcessorOfX86) {
  const CpuInfo cpu = ParseCpuInfo(kX86);
  EXPECT_EQ(cpu.model, "Some CPU @ 2.0GHz: fast");
  EXPECT_THAT(cpu.instructions, ElementsAre("avx2", "fma", "avx512f", "avx512_bf16"));
  EXPECT_TRUE(cpu.FastBf16());
}

TEST(Machine, MatchesWholeFlagsOnly) {
  EXPECT_FALSE(ParseCpuInfo(kOldX86).FastBf16());
}

TEST(Machine, KnowsArm) {
  const CpuInfo cpu = ParseCpuInfo(kArm);
  EXPECT_EQ(cpu.model, "");
  EXPECT_TRUE(cpu.FastBf16());
}

TEST(Machine, NothingIsKnownFromNothing) {
  EXPECT_TRUE(ParseCpuInfo("").instructions.empty());
  EXPECT_FALSE(ParseCpuInfo("garbage without colons").FastBf16());
}

TEST(Machine, RecordNamesTheLibraryAndThreads) {
  const OrderedJson record = MachineRecord(3);
  EXPECT_EQ(record["threads"], 3);
  EXPECT_GE(record["processors"].get<int>(), 1);
  EXPECT_GT(record["memory_bytes"].get<int64_t>(), int64_t{64} << 20);
  EXPECT_EQ(record["libtorch"].get<std::string>().substr(0, 2), "2.");
  const std::string onednn = record["onednn"];
  EXPECT_TRUE(onednn.empty() || (onednn[0] >= '0' && onednn[0] <= '9')) << onednn;
}

TEST(Machine, AvailableMemoryIsTheSmallerOfTheMachinesAndTheGroups) {
  const char* meminfo = "MemTotal:       24000 kB\nMemFree: 5 kB\nMemAvailable:   16000 kB\n";
  EXPECT_EQ(ParseAvailableMemory(meminfo, "", ""), 16000 * 1024);
  EXPECT_EQ(ParseAvailableMemory(meminfo, "max\n", "5000\n"), 16000 * 1024);
  EXPECT_EQ(ParseAvailableMemory(meminfo, "8000000\n", "5000000\n"), 3000000);
  EXPECT_EQ(ParseAvailableMemory(meminfo, "5000\n", "6000\n"), 0);
  EXPECT_FALSE(ParseAvailableMemory("MemFree: 5 kB\n", "", "").has_value());
  EXPECT_GT(AvailableMemory().value_or(1), 0);
}

TEST(Machine, UseThreadsSetsThoseOfTheLibrary) {
  UseThreads(1);
  EXPECT_EQ(at::get_num_threads(), 1);
  UseThreads(2);
  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(Precision, AutoFollowsTheProcessorAndTheWork) {
  const CpuInfo fast = ParseCpuInfo(kX86), old = ParseCpuInfo(kOldX86);
  EXPECT_EQ(ChoosePrecision("auto", BackboneWork::kInference, fast).precision, Precision::kBf16);
  EXPECT_EQ(ChoosePrecision("auto", BackboneWork::kInference, old).precision, Precision::kFp32);
  EXPECT_EQ(ChoosePrecision("auto", BackboneWork::kFineTuning, fast).precision, Precision::kFp32);
  EXPECT_STREQ(ChoosePrecision("auto", BackboneWork::kInference, fast).name(), "bf16");
}

TEST(Precision, WhatIsAskedForIsGranted) {
  const CpuInfo fast = ParseCpuInfo(kX86), old = ParseCpuInfo(kOldX86);
  EXPECT_EQ(ChoosePrecision("fp32", BackboneWork::kInference, fast).precision, Precision::kFp32);
  EXPECT_EQ(ChoosePrecision("bf16", BackboneWork::kFineTuning, old).precision, Precision::kBf16);
}

TEST(Precision, Int8IsForInferenceOnProcessorsThatHaveItsProducts) {
  const CpuInfo with = {"", {"avx512_vnni"}}, without = {"", {"avx2"}};
  EXPECT_EQ(ChoosePrecision("int8", BackboneWork::kInference, with).precision, Precision::kInt8);
  EXPECT_THROW(ChoosePrecision("int8", BackboneWork::kFineTuning, with), Error);
  EXPECT_THROW(ChoosePrecision("int8", BackboneWork::kInference, without), Error);
}

TEST(Precision, OtherNamesAreRefusedWithTheList) {
  try {
    ChoosePrecision("fp16", BackboneWork::kInference);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), testing::HasSubstr("auto, fp32, bf16, int8"));
  }
}

}  // namespace
}  // namespace bv
