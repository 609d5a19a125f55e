#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/testing.h"
#include "states/backbone_source.h"
#include "states/extract.h"
#include "states/store_source.h"

namespace bv {
namespace {

using testing::ElementsAre;

const fs::path kModel = fs::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/bert/qa";

// Windows of given lengths over one example each; ids are arbitrary but valid for the model.
std::vector<Window> WindowsOfLengths(const std::vector<size_t>& lengths) {
  std::vector<Window> windows;
  for (size_t w = 0; w < lengths.size(); ++w) {
    Window window;
    window.example = static_cast<int32_t>(w);
    for (size_t i = 0; i < lengths[w]; ++i) window.ids.push_back(static_cast<int32_t>(5 + (w * 7 + i) % 19));
    window.type_ids.assign(lengths[w], 0);
    window.ranges.assign(lengths[w], {static_cast<int32_t>(w), static_cast<int32_t>(w) + 1});
    window.start = static_cast<int32_t>(w % lengths[w]);
    window.end = window.start;
    window.context_begin = 1;
    window.context_end = static_cast<int32_t>(lengths[w]) - 1;
    windows.push_back(std::move(window));
  }
  return windows;
}

TaskExamples DataFor(size_t examples) {
  TaskExamples made;
  QaData& data = made.questions;
  data.file = "made.json";
  data.contexts = {std::string(100, 'x')};
  for (size_t i = 0; i < examples; ++i)
    data.examples.push_back({std::to_string(i), "", "q", 0, {}, true, ""});
  data.has_impossible = data.has_answers = true;
  return made;
}

class States : public testing::Test {
 protected:
  BertWeights weights_ = LoadBert(kModel);
  InferenceEncoder encoder_{weights_, Precision::kFp32};
  std::vector<Window> windows_ = WindowsOfLengths({9, 3, 30, 5, 17, 30, 2, 12});
  std::vector<float> no_targets_;
};

TEST_F(States, BatchesHoldEveryWindowOnceLongestFirstWithinTheBudget) {
  const auto batches = BatchesByLength(windows_, 40);
  std::set<int64_t> seen;
  int64_t longest = 1000;
  for (const auto& batch : batches) {
    int64_t tokens = 0;
    for (const int64_t window : batch) {
      const auto length = static_cast<int64_t>(windows_[static_cast<size_t>(window)].ids.size());
      EXPECT_LE(length, longest);
      longest = length;
      tokens += length;
      EXPECT_TRUE(seen.insert(window).second);
    }
    EXPECT_LE(tokens, 40);
  }
  EXPECT_EQ(seen.size(), windows_.size());
  EXPECT_THAT(BatchesByLength(windows_, 1)[0], ElementsAre(2));  // one window always fits
}

TEST_F(States, BatchesAtRandomHoldEveryWindowOnceAndAreFairSamples) {
  // Half of the windows are short and stand first, as a sorted file has them.
  std::vector<size_t> lengths(400, 5);
  lengths.resize(800, 15);
  const auto windows = WindowsOfLengths(lengths);
  const auto batches = BatchesAtRandom(windows, 1000);
  std::set<int64_t> seen;
  for (const auto& batch : batches) {
    size_t tokens = 0, previous = 1000;
    int64_t longer = 0;
    for (const int64_t window : batch) {
      const size_t length = lengths[static_cast<size_t>(window)];
      EXPECT_LE(length, previous);
      previous = length;
      tokens += length;
      longer += length > 5 ? 1 : 0;
      EXPECT_TRUE(seen.insert(window).second);
    }
    EXPECT_LE(tokens, 1000U);
    if (seen.size() == windows.size()) break;  // the last one is what was left
    const double share = static_cast<double>(longer) / static_cast<double>(batch.size());
    EXPECT_NEAR(share, 0.5, 0.25);  // five standard deviations
  }
  EXPECT_EQ(seen.size(), windows.size());
  EXPECT_EQ(BatchesAtRandom(windows, 1000), batches);  // a killed extraction goes on
}

TEST_F(States, ChosenLayersAreThoseOfAllLayers) {
  const std::vector<const Window*> chosen = {&windows_[0], &windows_[4]};
  const auto all = WindowStates(encoder_, {}).Compute(chosen);
  const auto some = WindowStates(encoder_, {0, 1}).Compute(chosen);
  EXPECT_THAT(all.states.sizes(), ElementsAre(26, 3, 20));
  EXPECT_TRUE(at::equal(some.states, all.states.slice(1, 0, 2)));
  EXPECT_THROW(WindowStates(encoder_, {0, 3}), Error);
  EXPECT_THROW(WindowStates(encoder_, {1, 0}), Error);
}

StoreInfo InfoFor(const WindowStates& states, const std::vector<Window>& windows) {
  StoreInfo info;
  info.backbone = "qa";
  info.backbone_fingerprint = info.tokenizer_fingerprint = info.data_hash = Hex(1);
  info.precision = "fp32";
  info.data = "made.json";
  info.layers = states.layers();
  info.hidden = states.hidden();
  info.codec = Codec::kF32;
  info.windows = static_cast<int64_t>(windows.size());
  for (const auto& window : windows) info.tokens += static_cast<int64_t>(window.ids.size());
  return info;
}

// Everything that a source gives in one epoch, by window: states, start.
std::vector<std::pair<at::Tensor, int64_t>> Collect(StateSource* source, const EpochRequest& request) {
  std::vector<std::pair<at::Tensor, int64_t>> found(static_cast<size_t>(source->windows()));
  source->StartEpoch(request);
  StateBatch batch;
  while (source->Next(&batch)) {
    const auto* offsets = batch.offsets.const_data_ptr<int64_t>();
    for (size_t i = 0; i < batch.windows.size(); ++i) {
      auto& entry = found[static_cast<size_t>(batch.windows[i])];
      EXPECT_FALSE(entry.first.defined()) << "a window came twice";
      entry = {batch.states.slice(0, offsets[i], offsets[i + 1]).clone(),
               batch.start[static_cast<int64_t>(i)].item<int64_t>()};
    }
  }
  return found;
}

TEST_F(States, AStoreGivesWhatTheBackboneGives) {
  const test::ScratchFolder folder;
  const WindowStates states(encoder_, {});
  StoreWriter writer(folder / "store", InfoFor(states, windows_), DataFor(windows_.size()));
  int64_t reported = 0;
  Extract(states, {windows_, {}}, 40, &writer, [&](const ExtractProgress& progress) {
    reported = progress.windows;
    return true;
  });
  EXPECT_EQ(reported, 8);

  const StoreReader reader(folder / "store");
  StoreSource store(reader);
  BackboneSource backbone(states, windows_, no_targets_);
  for (const bool shuffle : {false, true}) {
    const EpochRequest request = {.batch_size = 3, .shuffle = shuffle, .seed = 5, .epoch = 1};
    const auto a = Collect(&store, request), b = Collect(&backbone, request);
    for (size_t w = 0; w < windows_.size(); ++w) {
      ASSERT_TRUE(a[w].first.defined() && b[w].first.defined());
      EXPECT_LT(at::abs(a[w].first - b[w].first).max().item<double>(), 1e-5) << w;
      EXPECT_EQ(a[w].second, windows_[w].start);
      EXPECT_EQ(b[w].second, windows_[w].start);
    }
  }
}

TEST_F(States, AStoreOfPaddedWindowsHoldsThePaddingAndTheSameStatesOfPieces) {
  const test::ScratchFolder folder;
  const WindowStates states(encoder_, {});
  std::vector<Window> padded = windows_;
  PadWindows(0, 32, &padded);
  const StoreInfo info = InfoFor(states, padded);
  EXPECT_EQ(info.tokens, 8 * 32);
  StoreWriter writer(folder / "store", info, DataFor(padded.size()));
  Extract(states, {padded, {}}, 64, &writer, [](const ExtractProgress&) { return true; });
  const StoreReader reader(folder / "store");
  StoreSource store(reader);
  BackboneSource from_text(states, padded, no_targets_), plain(states, windows_, no_targets_);
  const auto stored = Collect(&store, {.batch_size = 3}), computed = Collect(&from_text, {.batch_size = 8});
  const auto without = Collect(&plain, {.batch_size = 3});
  for (size_t w = 0; w < windows_.size(); ++w) {
    ASSERT_THAT(stored[w].first.sizes(), ElementsAre(32, 3, 20));
    EXPECT_LT(at::abs(stored[w].first - computed[w].first).max().item<double>(), 1e-5) << w;
    const auto pieces = static_cast<int64_t>(windows_[w].ids.size());
    EXPECT_LT(at::abs(stored[w].first.slice(0, 0, pieces) - without[w].first).max().item<double>(), 1e-5)
        << w;
    EXPECT_EQ(stored[w].second, windows_[w].start);  // labels stay where they were
    // The embeddings of padding differ by position alone, but its states see the window.
    EXPECT_GT(at::abs(stored[w].first.slice(0, pieces)).max().item<double>(), 0.1);
  }
}

// The tiny model has no pooler of its own.
Pooler SmallPooler(int64_t hidden) {
  return {at::eye(hidden) * 0.5, at::full({hidden}, 0.125)};
}

TEST_F(States, ClsRowsAreTheFirstTokensStatesWithThePooledOneFirst) {
  const std::vector<const Window*> chosen = {&windows_[0], &windows_[4], &windows_[6]};
  const auto all = WindowStates(encoder_, {}).Compute(chosen);
  const auto states = WindowStates::OfClsRows(encoder_, {}, SmallPooler(20));
  EXPECT_THAT(states.layers(), ElementsAre(kPooledState, 0, 1, 2));
  const auto rows = states.Compute(chosen);
  ASSERT_THAT(rows.states.sizes(), ElementsAre(3, 4, 20));
  const at::Tensor cls = all.states.index_select(0, at::tensor({0, 9, 26}, at::kLong));
  EXPECT_TRUE(at::equal(rows.states.slice(1, 1), cls));
  EXPECT_TRUE(at::allclose(rows.states.select(1, 0), at::tanh(0.5 * cls.select(1, 2) + 0.125), 0, 1e-6));
  EXPECT_TRUE(at::equal(rows.tokens.offsets, at::arange(4, at::kLong)));
  EXPECT_EQ(rows.tokens.ids[1].item<int64_t>(), windows_[4].ids[0]);
  // Without a pooler the layers alone; the last layer is computed for the pooled state even if not kept.
  EXPECT_THAT(WindowStates::OfClsRows(encoder_, {}, {}).layers(), ElementsAre(0, 1, 2));
  EXPECT_THROW(WindowStates::OfClsRows(encoder_, {kPooledState, 0}, {}), Error);
  const auto pooled = WindowStates::OfClsRows(encoder_, {kPooledState, 0}, SmallPooler(20)).Compute(chosen);
  EXPECT_TRUE(at::equal(pooled.states, rows.states.slice(1, 0, 2)));
}

TEST_F(States, AStoreOfClsRowsGivesWhatTheBackboneGives) {
  const test::ScratchFolder folder;
  const auto states = WindowStates::OfClsRows(encoder_, {}, SmallPooler(20));
  TaskWindows windows{windows_, {}};
  for (size_t w = 0; w < windows_.size(); ++w) windows.targets.push_back(static_cast<float>(w % 2));
  StoreInfo info = InfoFor(states, windows_);
  info.task = {TaskKind::kAnswerability, "answerability", {"answerable", "unanswerable"}};
  info.cls_only = true;
  info.tokens = info.windows;
  info.pooler_fingerprint = Hex(SmallPooler(20).fingerprint());
  TaskExamples examples = DataFor(windows_.size());
  examples.task = info.task;
  StoreWriter writer(folder / "store", info, examples);
  Extract(states, windows, 40, &writer, [](const ExtractProgress&) { return true; });
  const StoreReader reader(folder / "store");
  EXPECT_EQ(reader.info().pooler_fingerprint, info.pooler_fingerprint);
  StoreSource store(reader);
  BackboneSource backbone(states, windows_, windows.targets);
  const EpochRequest request = {.batch_size = 8};
  StateBatch a, b;
  store.StartEpoch(request);
  backbone.StartEpoch(request);
  ASSERT_TRUE(store.Next(&a) && backbone.Next(&b));
  ASSERT_EQ(a.states.sizes(), b.states.sizes());
  for (int64_t i = 0; i < 8; ++i) {
    const auto at = static_cast<int64_t>(
        std::find(b.windows.begin(), b.windows.end(), a.windows[static_cast<size_t>(i)]) - b.windows.begin());
    EXPECT_LT(at::abs(a.states[i] - b.states[at]).max().item<double>(), 1e-5);
    EXPECT_EQ(a.target[i].item<float>(), static_cast<float>(a.windows[static_cast<size_t>(i)] % 2));
    EXPECT_EQ(b.target[at].item<float>(), static_cast<float>(a.windows[static_cast<size_t>(i)] % 2));
  }
}

TEST_F(States, BothSourcesKeepTheSameWindows) {
  const test::ScratchFolder folder;
  const WindowStates states(encoder_, {});
  StoreWriter writer(folder / "store", InfoFor(states, windows_), DataFor(windows_.size()));
  Extract(states, {windows_, {}}, 40, &writer, [](const ExtractProgress&) { return true; });
  const StoreReader reader(folder / "store");
  StoreSource store(reader);
  BackboneSource backbone(states, windows_, no_targets_);
  const std::vector<bool> keep = {true, false, true, true, false, false, true, true};
  for (StateSource* source : std::initializer_list<StateSource*>{&store, &backbone}) {
    source->KeepOnly(keep);
    EXPECT_EQ(source->windows(), 5);
    source->StartEpoch({.batch_size = 2, .shuffle = true, .seed = 5, .epoch = 1});
    std::vector<int64_t> given;
    for (StateBatch batch; source->Next(&batch);)
      given.insert(given.end(), batch.windows.begin(), batch.windows.end());
    std::sort(given.begin(), given.end());
    EXPECT_EQ(given, (std::vector<int64_t>{0, 2, 3, 6, 7}));
  }
}

TEST_F(States, AStoppedExtractionGoesOnToTheSameBytes) {
  const test::ScratchFolder folder;
  const WindowStates states(encoder_, {});
  StoreInfo info = InfoFor(states, windows_);
  info.shard_bytes = 12'000;  // a few windows
  const TaskExamples data = DataFor(windows_.size());
  {
    StoreWriter writer(folder / "whole", info, data);
    Extract(states, {windows_, {}}, 40, &writer, [](const ExtractProgress&) { return true; });
  }
  {
    StoreWriter writer(folder / "parts", info, data);
    int batches = 0;
    EXPECT_THROW(
        Extract(states, {windows_, {}}, 40, &writer, [&](const ExtractProgress&) { return ++batches < 3; }),
        Error);
  }
  StoreWriter writer(folder / "parts", info, data);
  EXPECT_FALSE(writer.complete());
  Extract(states, {windows_, {}}, 40, &writer, [](const ExtractProgress&) { return true; });
  for (const auto& entry : fs::directory_iterator(folder / "whole")) {
    EXPECT_EQ(ReadFile(entry.path()), ReadFile(folder / "parts" / entry.path().filename())) << entry.path();
  }
}

TEST_F(States, SkippedBatchesAreThoseThatAFullEpochBeginsWith) {
  const WindowStates states(encoder_, {});
  BackboneSource source(states, windows_, no_targets_);
  source.StartEpoch({.batch_size = 3, .shuffle = true, .seed = 9, .epoch = 2});
  StateBatch batch;
  std::vector<int64_t> all, rest;
  while (source.Next(&batch)) all.insert(all.end(), batch.windows.begin(), batch.windows.end());
  source.StartEpoch({.batch_size = 3, .shuffle = true, .seed = 9, .epoch = 2, .skip_batches = 2});
  while (source.Next(&batch)) rest.insert(rest.end(), batch.windows.begin(), batch.windows.end());
  EXPECT_EQ(rest, std::vector<int64_t>(all.begin() + 6, all.end()));
}

}  // namespace
}  // namespace bv
