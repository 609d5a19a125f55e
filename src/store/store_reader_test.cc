#include "store/store_reader.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/testing.h"
#include "store/examples_file.h"
#include "store/gather.h"
#include "store/store_testing.h"

namespace bv {
namespace {

using test::MessageOf;
using test::ScratchFolder;
using testing::HasSubstr;

class EveryCodec : public testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(StoreReader, EveryCodec,
                         testing::Values(Codec::kF32, Codec::kF16, Codec::kBf16, Codec::kInt8),
                         [](const auto& codec) { return std::string(CodecName(codec.param)); });

TEST_P(EveryCodec, AllTensorsComeBack) {
  const ScratchFolder scratch;
  const StoreInfo info = test::SmallInfo(GetParam(), 40);
  test::WriteSmallStore(scratch / "s", info);
  const StoreReader reader(scratch / "s");
  EXPECT_EQ(reader.windows(), 40);
  EXPECT_EQ(reader.layers(), 3);
  EXPECT_EQ(reader.hidden(), 5);
  ASSERT_GT(reader.shards(), 3);
  int64_t seen = 0;
  for (int64_t s = 0; s < reader.shards(); ++s) {
    const auto shard = reader.Shard(s);
    const StoreBatch& got = shard->tensors();
    std::vector<int64_t> numbers;
    for (int64_t i = 0; i < got.windows(); ++i) numbers.push_back(got.window[i].item<int32_t>());
    const StoreBatch wanted = test::SmallBatch(info, numbers);
    std::vector<WindowSource> all;
    for (int64_t row = 0; row < shard->windows(); ++row) all.push_back({shard, row});
    const at::Tensor states = GatherWindows(all, std::nullopt, {}).states;
    EXPECT_EQ(states.scalar_type(), StateType(GetParam()));
    const double tolerance = GetParam() == Codec::kInt8 ? 0.01 : 0;  // of numbers up to 1
    EXPECT_LE((states.to(at::kFloat) - wanted.states).abs().max().item<double>(), tolerance);
    for (const auto field :
         {&StoreBatch::offsets, &StoreBatch::input_ids, &StoreBatch::token_type_ids, &StoreBatch::ranges,
          &StoreBatch::window, &StoreBatch::example, &StoreBatch::labels, &StoreBatch::context}) {
      EXPECT_TRUE(at::equal(got.*field, wanted.*field));
    }
    seen += got.windows();
  }
  EXPECT_EQ(seen, 40);
}

TEST_P(EveryCodec, PythonReadsItWithSafetensorsAlone) {
  const fs::path python = fs::path(BERTVISION_SOURCE_DIR) / ".venv/bin/python";
  if (!fs::exists(python)) GTEST_SKIP() << "no Python at " << python;
  const ScratchFolder scratch;
  test::WriteSmallStore(scratch / "s", test::SmallInfo(GetParam(), 40));
  const std::string command = Cat(python.string(), " ", BERTVISION_SOURCE_DIR, "/tests/store/read_store.py ",
                                  (scratch / "s").string());
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

// A store of [CLS] rows of pairs of texts: `pooled` and two layers, a row a window.
TEST(StoreReader, RowsOfTextsComeBackWithTargetsAndExamples) {
  const ScratchFolder scratch;
  StoreInfo info = test::SmallInfo(Codec::kF32, 3);
  info.task = {TaskKind::kClassification, "rte", {"entailment", "not_entailment"}};
  info.layers = {kPooledState, 0, 1};
  info.cls_only = true;
  info.tokens = 3;
  TaskExamples examples;
  examples.task = info.task;
  examples.texts = {.file = "rte.tsv",
                    .hash = 7,
                    .pair = true,
                    .labelled = true,
                    .label_names = info.task.labels,
                    .examples = {}};
  for (int32_t i = 0; i < 3; ++i) {
    examples.texts.examples.push_back(
        {.id = std::to_string(i), .text_a = "Ä", .text_b = "b\tc", .label = i % 2});
  }
  const auto batch_with = [&](const std::vector<float>& targets) {
    StoreBatch batch = test::SmallBatch(info, {0, 1, 2});
    const auto first = batch.offsets.slice(0, 0, 3);
    for (at::Tensor StoreBatch::*field :
         {&StoreBatch::states, &StoreBatch::input_ids, &StoreBatch::token_type_ids, &StoreBatch::ranges}) {
      batch.*field = (batch.*field).index_select(0, first).contiguous();
    }
    batch.offsets = at::arange(4, at::kLong);
    batch.labels = at::zeros({3, 2}, at::kInt);
    batch.context = at::zeros({3, 2}, at::kInt);
    batch.target = at::tensor(targets);
    return batch;
  };
  const StoreBatch written = batch_with({0, 1, 0});
  {
    StoreWriter writer(scratch / "s", info, examples);
    writer.Add(written);
    writer.Finish();
  }
  const StoreReader reader(scratch / "s");
  EXPECT_TRUE(reader.info().cls_only);
  EXPECT_EQ(reader.info().layers, info.layers);
  EXPECT_EQ(reader.info().task, info.task);
  const TaskExamples got = reader.Examples();
  EXPECT_EQ(got.task, examples.task);
  ASSERT_EQ(got.size(), 3);
  EXPECT_EQ(got.texts.examples[1].text_b, "b\tc");
  EXPECT_EQ(got.texts.examples[1].label, 1);
  EXPECT_EQ(got.Id(2), "2");
  const auto shard = reader.Shard(0);
  EXPECT_TRUE(at::equal(shard->tensors().target, written.target));
  EXPECT_TRUE(at::equal(shard->tensors().states, written.states));
  // A class that the task does not have is damage, whoever wrote it.
  StoreWriter wrong(scratch / "w", info, examples);
  wrong.Add(batch_with({0, 2, 0}));
  wrong.Finish();
  EXPECT_THAT(test::MessageOf([&] { StoreReader(scratch / "w").Shard(0); }), testing::HasSubstr("'target'"));
}

TEST(StoreReader, ExamplesComeBackWhole) {
  const ScratchFolder scratch;
  test::WriteSmallStore(scratch / "s", test::SmallInfo(Codec::kF16, 10));
  const QaData got = StoreReader(scratch / "s").Examples().questions;
  const QaData wanted = test::SmallData();
  EXPECT_EQ(got.file, wanted.file);
  EXPECT_EQ(got.hash, wanted.hash);
  EXPECT_EQ(got.contexts, wanted.contexts);
  EXPECT_EQ(got.has_impossible, wanted.has_impossible);
  EXPECT_EQ(got.has_answers, wanted.has_answers);
  ASSERT_EQ(got.examples.size(), wanted.examples.size());
  for (size_t i = 0; i < wanted.examples.size(); ++i) {
    EXPECT_EQ(got.examples[i].id, wanted.examples[i].id);
    EXPECT_EQ(got.examples[i].title, wanted.examples[i].title);
    EXPECT_EQ(got.examples[i].question, wanted.examples[i].question);
    EXPECT_EQ(got.examples[i].context, wanted.examples[i].context);
    EXPECT_EQ(got.examples[i].impossible, wanted.examples[i].impossible);
    EXPECT_EQ(got.examples[i].answer_type, wanted.examples[i].answer_type);
    ASSERT_EQ(got.examples[i].answers.size(), wanted.examples[i].answers.size());
    for (size_t a = 0; a < wanted.examples[i].answers.size(); ++a) {
      EXPECT_EQ(got.examples[i].answers[a].text, wanted.examples[i].answers[a].text);
      EXPECT_EQ(got.examples[i].answers[a].begin, wanted.examples[i].answers[a].begin);
    }
  }
}

TEST(StoreReader, ExamplesOfTheSameSizeThatAreNotTheStoresOwnAreRefused) {
  const ScratchFolder scratch;
  const fs::path folder = scratch / "s";
  test::WriteSmallStore(folder, test::SmallInfo(Codec::kF16, 10));
  const std::string good = ReadFile(folder / kExamplesFile);
  TaskExamples fewer = test::SmallExamples();
  fewer.questions.examples.pop_back();
  std::string bad = FormatExamples(fewer);
  // Spaces between the values of the last line: as many bytes, still JSON.
  ASSERT_LT(bad.size(), good.size());
  bad.insert(bad.size() - 2, std::string(good.size() - bad.size(), ' '));
  test::Overwrite(folder / kExamplesFile, bad);
  const auto message = [&] { return MessageOf([&] { StoreReader(folder).Examples(); }); };
  EXPECT_THAT(message(), HasSubstr("examples.jsonl: its checksum is"));
  // Nor where the checksum was made to fit.
  StoreIndex index = ReadStoreIndex(folder);
  index.examples.xxh3 = HashText(bad);
  WriteStoreIndex(folder, index);
  EXPECT_THAT(message(), HasSubstr("examples.jsonl: it holds 2 examples, the index says 3"));
}

TEST(StoreReader, FoldersThatAreNoStoreAreNamedForWhatTheyAre) {
  const ScratchFolder scratch;
  const auto message = [](const fs::path& path) { return MessageOf([&] { StoreReader reader(path); }); };
  EXPECT_THAT(message(scratch / "missing"), HasSubstr("there is no folder"));
  EXPECT_THAT(message(scratch.path()), HasSubstr("no store: it has no index.json"));
  WriteFileAtomically(scratch / "file", "x");
  EXPECT_THAT(message(scratch / "file"), HasSubstr("it is a file"));
  WriteFileAtomically(scratch / kIndexFile, R"({"format": "something-else"})");
  EXPECT_THAT(message(scratch.path()), HasSubstr("'format' is 'something-else'"));
  WriteFileAtomically(scratch / kIndexFile, R"({"format": "bertvision-store", "version": 2})");
  EXPECT_THAT(message(scratch.path()), HasSubstr("format version 2, this program reads version 1"));
}

TEST(StoreReader, AMissingOrCutShardIsNoticedAtOpening) {
  const ScratchFolder scratch;
  test::WriteSmallStore(scratch / "s", test::SmallInfo(Codec::kF16, 40));
  const fs::path shard = scratch / "s" / ShardFile(1);
  fs::resize_file(shard, fs::file_size(shard) - 1);
  EXPECT_THAT(MessageOf([&] { StoreReader reader(scratch / "s"); }),
              HasSubstr("shard-00001.safetensors: it has"));
  fs::remove(shard);
  EXPECT_THAT(MessageOf([&] { StoreReader reader(scratch / "s"); }), HasSubstr("is missing"));
}

TEST(StoreReader, AShardOfAnotherStoreIsRefusedWhenTouched) {
  const ScratchFolder scratch;
  StoreInfo info = test::SmallInfo(Codec::kF16, 40);
  test::WriteSmallStore(scratch / "a", info);
  info.backbone_fingerprint = "ffffffffffffffff";
  test::WriteSmallStore(scratch / "b", info);
  fs::copy_file(scratch / "b" / ShardFile(0), scratch / "a" / ShardFile(0),
                fs::copy_options::overwrite_existing);
  const StoreReader reader(scratch / "a");
  reader.Shard(1);
  EXPECT_THAT(MessageOf([&] { reader.Shard(0); }), HasSubstr("belongs to another store"));
}

TEST(StoreReader, NoFlippedByteOfAShardLeadsOutOfBounds) {
  const ScratchFolder scratch;
  test::WriteSmallStore(scratch / "s", test::SmallInfo(Codec::kF16, 8));
  const fs::path path = scratch / "s" / ShardFile(0);
  const std::string good = ReadFile(path);
  const StoreReader reader(scratch / "s");
  int64_t refused = 0;
  for (size_t at = 0; at < good.size(); at += at < 1200 ? 1 : (at < 4096 ? 97 : 3)) {
    for (const char mask : {'\x01', '\x80'}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ mask);
      test::Overwrite(path, bad);
      try {
        const auto shard = reader.Shard(0);
        EXPECT_EQ(shard->tensors().offsets[shard->windows()].item<int64_t>(),
                  shard->tensors().states.size(0));
        EXPECT_LT(shard->tensors().window.max().item<int32_t>(), 8);
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(StoreReader, AnIndexThatContradictsItselfIsRefusedBeforeAnythingIsAllocated) {
  const ScratchFolder scratch;
  const StoreIndex good = [&] {
    test::WriteSmallStore(scratch / "s", test::SmallInfo(Codec::kF16, 10));
    return ReadStoreIndex(scratch / "s");
  }();
  const auto message = [&](const StoreIndex& index) {
    WriteStoreIndex(scratch / "s", index);
    return MessageOf([&] { StoreReader reader(scratch / "s"); });
  };
  // Heads are built for what the index says, before a shard is opened.
  StoreIndex wide = good;
  wide.info.hidden = 1 << 20;
  EXPECT_THAT(message(wide), HasSubstr("shards[0]"));
  EXPECT_THAT(message(wide), HasSubstr("states of width 1048576 need more"));
  // Sums that would leave 64 bits.
  StoreIndex large = good;
  large.shards.clear();
  large.info.windows = large.info.tokens = 0;
  for (int64_t i = 0; i < 200; ++i) {
    large.shards.push_back({ShardFile(i), 1, 1, int64_t{1} << 56, 0});
    ++large.info.windows;
    ++large.info.tokens;
  }
  EXPECT_THAT(message(large), HasSubstr("totals are out of range"));
  EXPECT_EQ(message(good), "no error");
}

TEST(StoreReader, FiveTerabytesOpenAsFastAsFiveMegabytes) {
  const ScratchFolder scratch;
  StoreIndex index;
  index.program = "bertvision test";
  index.info = test::SmallInfo(Codec::kBf16, 1);
  index.info.windows = index.info.tokens = 0;
  WriteFileAtomically(scratch / kExamplesFile, "x");
  index.examples = {1, 1, 0};
  constexpr int64_t kGigabyte = int64_t{1} << 30;
  for (int64_t i = 0; i < 5000; ++i) {
    index.shards.push_back({ShardFile(i), 1000, 200'000, kGigabyte, 0});
    index.info.windows += 1000;
    index.info.tokens += 200'000;
    // Sparse, without a header: opening must not look into them.
    test::Overwrite(scratch / ShardFile(i), "");
    fs::resize_file(scratch / ShardFile(i), static_cast<uint64_t>(kGigabyte));
  }
  WriteStoreIndex(scratch.path(), index);
  const auto begin = std::chrono::steady_clock::now();
  const StoreReader reader(scratch.path());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(reader.windows(), 5'000'000);
  RecordProperty("milliseconds", static_cast<int>(seconds.count() * 1000));
  EXPECT_LT(seconds.count(), 1.0);
}

}  // namespace
}  // namespace bv
