#include "analysis/layers.h"

#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>

#include <cmath>

#include "analysis/layer_ablation.h"
#include "analysis/run_set.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/testing.h"
#include "decode/answer_collector.h"
#include "heads/head_file.h"
#include "heads/registry.h"
#include "pipeline/run_head.h"
#include "run/results.h"
#include "run/run_folder.h"
#include "states/origin.h"
#include "store/store_testing.h"

namespace bv {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

// The states of store_testing.h: three layers, 0, 1 and 3, of width 5.
constexpr BackboneDims kDims{3, 5};

StoreInfo Info() {
  return test::SmallInfo(Codec::kF32, 9);
}

// A finished head run whose parameters `set` has filled.
fs::path MakeRun(const fs::path& folder, const std::string& name,
                 const std::function<void(const std::string& parameter, const at::Tensor& value)>& set,
                 const BackboneDims& dims = kDims, const std::vector<std::string>& labels = {}) {
  RunRecord record;
  record.verb = "train";
  record.inputs = OriginToJson(OriginOf(Info(), "store"));
  RunFolder run(folder, record);
  const std::unique_ptr<Head> head = BuildHead(name, dims, 1);
  {
    const at::NoGradGuard no_grad;
    for (const NamedTensor& parameter : head->parameters()) set(parameter.name, parameter.tensor);
  }
  SaveHead(folder, *head, *ParseHex(Info().backbone_fingerprint), labels);
  WriteResults(folder, "eval", {{"exact", 60}, {"f1", 70}});
  run.Finish();
  return folder;
}

void Fill(const at::Tensor& tensor, const std::function<double(int64_t)>& value) {
  for (int64_t i = 0; i < tensor.numel(); ++i)
    tensor.mutable_data_ptr<float>()[i] = static_cast<float>(value(i));
}

TEST(Layers, PoolingWeightsAreTheScaledSoftmax) {
  const test::ScratchFolder folder;
  MakeRun(folder / "pooled", "learned-pooling", [](const std::string& name, const at::Tensor& value) {
    if (name == "pooling.weight")
      Fill(value, [](int64_t l) { return std::log(l == 0 ? 1 : l == 1 ? 2 : 5); });
    if (name == "pooling.scale") Fill(value, [](int64_t) { return 2; });
  });
  const auto heads = ReadHeadLayers({folder / "pooled"});
  ASSERT_EQ(heads.size(), 1u);
  EXPECT_EQ(heads[0].name, "pooled");
  EXPECT_THAT(heads[0].layers, ElementsAre(0, 1, 3));
  EXPECT_THAT(heads[0].pooling,
              ElementsAre(DoubleNear(0.25, 1e-6), DoubleNear(0.5, 1e-6), DoubleNear(1.25, 1e-6)));
  EXPECT_TRUE(heads[0].adapter.empty());
  EXPECT_TRUE(heads[0].output.empty());
  EXPECT_EQ(LayerUseOf(heads[0])->what, "pooling");
  EXPECT_EQ(LayerUseOf(heads[0])->values, heads[0].pooling);
  EXPECT_FALSE(LayerUseOf(HeadLayers()));
}

TEST(Layers, NormsAreOfEachLayersOwnWeights) {
  const test::ScratchFolder folder;
  MakeRun(folder / "unshared", "adapter-64-unshared", [](const std::string& name, const at::Tensor& value) {
    if (name == "adapter.weight") Fill(value, [](int64_t i) { return 1 + i / int64_t{5 * 64}; });
    // Two columns a row; row j * 3 + l is feature j of layer l.
    if (name == "output.weight") Fill(value, [](int64_t i) { return 1 + i / 2 % 3; });
  });
  const auto heads = ReadHeadLayers({folder.path()});
  ASSERT_EQ(heads.size(), 1u);
  const double adapter = std::sqrt(5 * 64), output = std::sqrt(2 * 64);
  EXPECT_THAT(heads[0].adapter, ElementsAre(DoubleNear(adapter, 1e-6), DoubleNear(2 * adapter, 1e-6),
                                            DoubleNear(3 * adapter, 1e-6)));
  EXPECT_THAT(heads[0].output, ElementsAre(DoubleNear(output, 1e-6), DoubleNear(2 * output, 1e-6),
                                           DoubleNear(3 * output, 1e-6)));
}

TEST(Layers, ProbesGiveTheScoresOfTheirLayer) {
  const test::ScratchFolder folder;
  MakeRun(folder / "layer-0", "layer-0", [](const std::string&, const at::Tensor&) {});
  MakeRun(folder / "layer-2", "layer-2", [](const std::string&, const at::Tensor&) {});
  const auto heads = ReadHeadLayers({folder.path()});
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[1].probe, 3);  // the third state of this store is layer 3
  const std::string table = LayersFinding(heads).table.Print(TableFormat::kCsv);
  EXPECT_EQ(table, "layer,probe EM,probe F1\r\n0,60,70\r\n3,60,70\r\n");
}

// Start and end logits are the state's first value, negated.
fs::path MakeProbe(const fs::path& folder) {
  return MakeRun(folder, "layer-1", [](const std::string& name, const at::Tensor& value) {
    if (name == "output.weight") Fill(value, [](int64_t i) { return i < 2 ? -1 : 0; });
  });
}

TEST(Layers, HeadsOfTextsHaveOutputRowsOfEveryPlace) {
  const test::ScratchFolder folder;
  BackboneDims dims = kDims;
  dims.tokens = 2;
  dims.outputs = 2;
  dims.width = 4;
  // Two columns a row; row (place * 4 + feature) * 3 + layer, in detect-parts row (place * 3 + layer) * d +
  // feature.
  MakeRun(folder / "ap", "ap",
          [](const std::string& name, const at::Tensor& value) {
            if (name == "output.weight") Fill(value, [](int64_t i) { return 1 + i / 2 % 3; });
          },
          dims, {"a", "b"});
  int64_t width = 0;
  MakeRun(folder / "parts", "detect-parts",
          [&](const std::string& name, const at::Tensor& value) {
            if (name == "adapter.weight") width = value.size(1);
            if (name == "output.weight") Fill(value, [&](int64_t i) { return 1 + i / 2 / width % 3; });
          },
          dims, {"a", "b"});
  const auto heads = ReadHeadLayers({folder.path()});
  ASSERT_EQ(heads.size(), 2u);
  const double one = std::sqrt(2 * 2 * 4), parts = std::sqrt(2 * 2 * static_cast<double>(width));
  EXPECT_THAT(heads[0].output,
              ElementsAre(DoubleNear(one, 1e-6), DoubleNear(2 * one, 1e-6), DoubleNear(3 * one, 1e-6)));
  EXPECT_THAT(heads[1].output,
              ElementsAre(DoubleNear(parts, 1e-6), DoubleNear(2 * parts, 1e-6), DoubleNear(3 * parts, 1e-6)));
}

TEST(LayerAblation, OnlyTheLayerThatAHeadReadsMatters) {
  const test::ScratchFolder folder;
  test::WriteSmallStore(folder / "store", Info());
  const fs::path run = MakeProbe(folder / "probe");
  for (const LayerSubstitute substitute : {LayerSubstitute::kMean, LayerSubstitute::kZero}) {
    const LayerAblation ablation = AblateLayers(run, folder / "store", {.substitute = substitute}, {});
    ASSERT_EQ(ablation.without.size(), 3u);
    EXPECT_EQ(ablation.without[2].layer, 3);
    for (const size_t other : {0U, 2U}) {
      EXPECT_EQ(ablation.without[other].scores, ablation.scores);
    }
  }
}

TEST(LayerAblation, AConstantLayerLeavesConstantLogits) {
  const test::ScratchFolder folder;
  test::WriteSmallStore(folder / "store", Info());
  const fs::path run = MakeProbe(folder / "probe");
  const StoreReader store(folder / "store");
  const QaData data = store.Examples().questions;
  const RunSource source = FindRun(run);
  const std::unique_ptr<Head> head = LoadHeadOf(source);
  SpanLogits logits = LogitsOverStore(store, data, 1, [&](const StoreBatch& batch) {
    return std::vector<at::Tensor>{HeadLogits(*head, batch)};
  })[0];
  for (int64_t w = 0; w < logits.windows(); ++w)
    EXPECT_EQ(logits.start[static_cast<size_t>(logits.offsets[static_cast<size_t>(w)])],
              -test::StateValue(w, 0, 1, 0));
  std::fill(logits.start.begin(), logits.start.end(), 1.0F);
  std::fill(logits.end.begin(), logits.end.end(), 1.0F);
  const SquadScores constant = ScoreAnswers(data, DecodeSpans(data, logits, source.decode, 1), 0);
  const LayerAblation ablation = AblateLayers(run, folder / "store", {}, {});
  EXPECT_EQ(ablation.without[1].scores, (Metrics{{"exact", constant.all.exact}, {"f1", constant.all.f1}}));
  EXPECT_NE(ablation.without[1].scores, ablation.scores);
}

TEST(LayerAblation, StatesOfAnotherBackboneAreRefused) {
  const test::ScratchFolder folder;
  StoreInfo info = Info();
  info.backbone_fingerprint = "0000000000000000";
  test::WriteSmallStore(folder / "store", info);
  const fs::path run = MakeProbe(folder / "probe");
  EXPECT_THAT(test::MessageOf([&] { AblateLayers(run, folder / "store", {}, {}); }),
              HasSubstr("--allow-other-backbone"));
  AblateLayers(run, folder / "store", {.allow_other_backbone = true}, {});
}

}  // namespace
}  // namespace bv
