#include "base/progress.h"

#include <gtest/gtest.h>

namespace bv {
namespace {

TEST(Progress, LineShowsShareRateAndTimeLeft) {
  Progress progress("extract", 200, "windows");
  progress.Set(50);
  EXPECT_EQ(progress.Line(5), "extract  50/200 windows  25 %  10/s  15 s left");
  progress.SetNote("loss 1.5");
  progress.Set(500);
  EXPECT_EQ(progress.Line(10), "extract  200/200 windows  100 %  20/s  loss 1.5");
}

TEST(Progress, WhatWasDoneBeforeAResumeDoesNotCountForTheRate) {
  Progress progress("extract", 200, "windows");
  progress.StartAt(100);
  EXPECT_EQ(progress.Line(5), "extract  100/200 windows  50 %");
  progress.Set(150);
  EXPECT_EQ(progress.Line(5), "extract  150/200 windows  75 %  10/s  5.0 s left");
}

TEST(Progress, UnknownTotalsShowNoShare) {
  Progress progress("read", 0, "lines");
  progress.Set(7);
  EXPECT_EQ(progress.Line(7), "read  7 lines  1.0/s");
}

}  // namespace
}  // namespace bv
