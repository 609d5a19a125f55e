#include "bench/store_rates.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"
#include "base/testing.h"
#include "bench/made_windows.h"
#include "store/store_reader.h"

namespace bv::bench {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::Not;

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";

class StoreRatesTest : public testing::Test {
 protected:
  StoreRatesTest() {
    for (const int64_t length : {5, 17, 30}) {
      const auto made = MadeUpWindows(weights_.config, length, 3, 1);
      windows_.insert(windows_.end(), made.begin(), made.end());
    }
    work_.windows = &windows_;
    work_.folder = folder_.path();
    work_.effort = {0.1, 2};
  }

  const BertWeights weights_ = LoadBert(kModel);
  const InferenceEncoder encoder_{weights_, Precision::kFp32};
  const WindowStates states_{encoder_, {}};
  const test::ScratchFolder folder_;
  std::vector<Window> windows_;
  StoreWork work_;
};

TEST_F(StoreRatesTest, AWholeStoreIsWrittenReadAndTrainedOn) {
  std::vector<std::string> parts;
  work_.begin = [&](const std::string& part) { parts.push_back(part); };
  const StoreRates rates = MeasureStore(states_, work_);
  EXPECT_THAT(parts, ElementsAre("writing", "reading", "training"));
  EXPECT_GE(rates.windows, 32);
  for (const Rates* of : {&rates.write, &rates.read, &rates.train})
    EXPECT_THAT(of->values, AllOf(Not(testing::IsEmpty()), Each(Gt(0))));
  const StoreReader reader(folder_ / "store");
  EXPECT_EQ(reader.windows(), rates.windows);
  EXPECT_EQ(reader.info().tokens, rates.tokens);
  EXPECT_EQ(reader.index().bytes(), rates.bytes);
  EXPECT_EQ(reader.layers(), 3);
}

TEST_F(StoreRatesTest, TheStoreHoldsWindowsOfAllLengths) {
  MeasureStore(states_, work_);
  const StoreReader reader(folder_ / "store");
  std::set<int64_t> lengths;
  const auto shard = reader.Shard(0);
  const auto* offsets = shard->tensors().offsets.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < shard->windows(); ++i) lengths.insert(offsets[i + 1] - offsets[i]);
  EXPECT_THAT(lengths, ElementsAre(5, 17, 30));
}

TEST_F(StoreRatesTest, StopsWhereItIsAskedTo) {
  for (const int polls : {1, 40}) {
    int left = polls;
    work_.stop = [&] { return --left == 0; };
    try {
      MeasureStore(states_, work_);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInterrupted);
      EXPECT_EQ(left, 0);
    }
  }
}

TEST(StoreWindows, GrowWithTheTimeWithinBounds) {
  const int64_t mib = int64_t{1} << 20, much = int64_t{1} << 50;
  EXPECT_EQ(StoreWindows(mib, 10, much), 160);
  EXPECT_EQ(StoreWindows(mib, 1, much), 32);
  EXPECT_EQ(StoreWindows(1, 1000, much), 4096);
  EXPECT_EQ(StoreWindows(mib, 100, 400 * mib), 100) << "a quarter of what is free";
}

TEST(ExtractionSeconds, AreThoseOfTheSlowerOfComputingAndWriting) {
  EXPECT_DOUBLE_EQ(ExtractionSeconds(1000, 100, 50, 10), 10);
  EXPECT_DOUBLE_EQ(ExtractionSeconds(1000, 100, 500, 10), 50);
  EXPECT_DOUBLE_EQ(ExtractionSeconds(1000, 100, 500, 0), 10) << "writing was not measured";
  EXPECT_DOUBLE_EQ(ExtractionSeconds(0, 0, 0, 0), 0);
}

}  // namespace
}  // namespace bv::bench
