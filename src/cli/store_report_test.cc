#include "cli/store_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bv::cli {
namespace {

using testing::HasSubstr;

StoreIndex SomeIndex() {
  StoreIndex index;
  index.program = "bertvision 9.9";
  index.info.backbone = "minilm";
  index.info.backbone_fingerprint = "00112233445566aa";
  index.info.precision = "fp32";
  index.info.data = "dev.json";
  index.info.layers = {0, 6};
  index.info.hidden = 384;
  index.info.codec = Codec::kF16;
  index.info.windows = 2000;
  index.info.tokens = 351'000;
  index.examples = {1800, 1 << 20, 0};
  index.shards = {{ShardFile(0), 1500, 300'000, 400 << 20, 0}, {ShardFile(1), 500, 51'000, 100 << 20, 0}};
  return index;
}

TEST(StoreReport, TheScreenfulSaysWhatTheStoreHolds) {
  const std::string text = StoreReportText("states/dev", SomeIndex());
  for (const char* part :
       {"states/dev: a store of states", "minilm (00112233445566aa)", "1,800", "2,000 of at most 384",
        "351,000 (175.5 a window)", "2 x 384 a token, kept as f16, computed in fp32", "0 6",
        "501.0 MiB in 2 shards, 256.5 KiB a window", "bertvision 9.9"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(StoreReport, TheJsonHoldsTheHeadOfTheIndex) {
  const OrderedJson json = StoreReportJson("states/dev", SomeIndex());
  EXPECT_EQ(json["kind"], "store");
  EXPECT_EQ(json["folder"], "states/dev");
  EXPECT_EQ(json["codec"], "f16");
  EXPECT_EQ(json["layers"], (std::vector<int>{0, 6}));
  EXPECT_EQ(json["shards"], 2);
  EXPECT_EQ(json["bytes"], int64_t{501} << 20);
  EXPECT_EQ(json["examples"]["examples"], 1800);
}

}  // namespace
}  // namespace bv::cli
