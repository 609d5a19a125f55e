#include "store/batch_stream.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/testing.h"
#include "store/index_json.h"
#include "store/store_testing.h"
#include "tensorfile/tensor_layout.h"

namespace bv {
namespace {

using testing::HasSubstr;

constexpr int64_t kWindows = 57;

class BatchStreamTest : public testing::Test {
 protected:
  BatchStreamTest() { test::WriteSmallStore(scratch_ / "s", test::SmallInfo(Codec::kBf16, kWindows)); }

  std::vector<StoreBatch> Read(const StreamOptions& options) const {
    BatchStream stream(StoreReader(scratch_ / "s"), options);
    std::vector<StoreBatch> batches;
    for (StoreBatch batch; stream.Next(&batch);) batches.push_back(batch);
    return batches;
  }
  static std::vector<int64_t> Numbers(const std::vector<StoreBatch>& batches) {
    std::vector<int64_t> numbers;
    for (const StoreBatch& batch : batches) {
      for (int64_t i = 0; i < batch.windows(); ++i) numbers.push_back(batch.window[i].item<int32_t>());
    }
    return numbers;
  }
  static void ExpectRight(const StoreBatch& batch) {
    const StoreBatch wanted = test::SmallBatch(test::SmallInfo(Codec::kBf16, kWindows), Numbers({batch}));
    EXPECT_TRUE(at::equal(batch.states.to(at::kFloat), wanted.states));
    for (const auto field :
         {&StoreBatch::offsets, &StoreBatch::input_ids, &StoreBatch::token_type_ids, &StoreBatch::ranges,
          &StoreBatch::window, &StoreBatch::example, &StoreBatch::labels, &StoreBatch::context}) {
      EXPECT_TRUE(at::equal(batch.*field, wanted.*field));
    }
  }

  test::ScratchFolder scratch_;
};

TEST_F(BatchStreamTest, InOrderItGivesEveryWindowOnceAsWritten) {
  const auto batches = Read({.batch_size = 4});
  std::vector<int64_t> wanted;
  for (int64_t w = kWindows - 1; w >= 0; --w) wanted.push_back(w);
  EXPECT_EQ(Numbers(batches), wanted);
  EXPECT_EQ(batches.size(), 15u);
  EXPECT_EQ(batches.back().windows(), 1);
  for (const StoreBatch& batch : batches) ExpectRight(batch);
}

TEST_F(BatchStreamTest, OfWindowsThatAreNotKeptNothingIsSeen) {
  auto keep = std::make_shared<std::vector<bool>>(kWindows, false);
  std::vector<int64_t> wanted;
  for (int64_t w = kWindows - 1; w >= 0; --w) {
    (*keep)[static_cast<size_t>(w)] = w % 3 == 0;
    if (w % 3 == 0) wanted.push_back(w);
  }
  EXPECT_EQ(Numbers(Read({.batch_size = 4, .keep = keep})), wanted);
  const StreamOptions shuffled = {
      .batch_size = 4, .shuffle = true, .seed = 3, .group_bytes = 3000, .keep = keep};
  const std::vector<int64_t> all = Numbers(Read(shuffled));
  EXPECT_EQ(std::set<int64_t>(all.begin(), all.end()), std::set<int64_t>(wanted.begin(), wanted.end()));
  EXPECT_EQ(all.size(), wanted.size());
  StreamOptions resumed = shuffled;
  resumed.skip_windows = 11;
  EXPECT_EQ(Numbers(Read(resumed)), std::vector<int64_t>(all.begin() + 11, all.end()));
}

TEST_F(BatchStreamTest, ShuffledItGivesEveryWindowOnceInAnOrderOfSeedAndEpoch) {
  const auto batches = Read({.batch_size = 4, .shuffle = true, .seed = 7, .epoch = 1});
  for (const StoreBatch& batch : batches) ExpectRight(batch);
  const auto numbers = Numbers(batches);
  EXPECT_EQ(numbers.size(), static_cast<size_t>(kWindows));
  EXPECT_EQ(std::set<int64_t>(numbers.begin(), numbers.end()).size(), static_cast<size_t>(kWindows));
  EXPECT_EQ(numbers, Numbers(Read({.batch_size = 4, .shuffle = true, .seed = 7, .epoch = 1})));
  EXPECT_NE(numbers, Numbers(Read({.batch_size = 4, .shuffle = true, .seed = 7, .epoch = 2})));
  EXPECT_NE(numbers, Numbers(Read({.batch_size = 4, .shuffle = true, .seed = 8, .epoch = 1})));
}

TEST_F(BatchStreamTest, ASkippedFrontLeavesTheRestTheSame) {
  for (const int64_t group_bytes : {int64_t{1}, int64_t{12'000}, int64_t{1} << 30}) {
    StreamOptions options = {
        .batch_size = 3, .max_tokens = 11, .shuffle = true, .seed = 3, .group_bytes = group_bytes};
    const auto whole = Read(options);
    for (const size_t batches : {size_t{1}, size_t{7}, whole.size()}) {
      options.skip_windows = 0;
      for (size_t i = 0; i < batches; ++i) options.skip_windows += whole[i].windows();
      const auto rest = Read(options);
      ASSERT_EQ(rest.size(), whole.size() - batches);
      EXPECT_EQ(Numbers(rest), Numbers({whole.begin() + static_cast<std::ptrdiff_t>(batches), whole.end()}));
    }
  }
}

TEST_F(BatchStreamTest, GroupsAreShuffledWithinAndKeptApart) {
  const StoreReader reader(scratch_ / "s");
  const int64_t group_bytes = 2 * reader.index().shards[0].bytes + 2000;
  const auto groups = GroupShards(reader.index(), true, 5, group_bytes);
  ASSERT_GT(groups.size(), 2u);
  std::set<int64_t> shards;
  for (const ShardGroup& group : groups) {
    EXPECT_LE(group.bytes, group_bytes);
    shards.insert(group.shards.begin(), group.shards.end());
    const auto places = OrderWindows(reader.index(), group, true, 5);
    EXPECT_EQ(static_cast<int64_t>(places.size()), group.windows);
    std::set<int64_t> in_half;
    for (size_t i = 0; i < places.size() / 2; ++i) in_half.insert(places[i].shard);
    EXPECT_EQ(in_half.size(), group.shards.size()) << "the first half comes from all shards of the group";
  }
  EXPECT_EQ(static_cast<int64_t>(shards.size()), reader.shards());
}

TEST_F(BatchStreamTest, ATokenBudgetEndsBatches) {
  const auto batches = Read({.batch_size = 1000, .max_tokens = 12});
  EXPECT_EQ(Numbers(batches).size(), static_cast<size_t>(kWindows));
  for (size_t i = 0; i < batches.size(); ++i) {
    EXPECT_LE(batches[i].states.size(0), 12);
    if (i + 1 < batches.size()) {
      const int64_t next_length = batches[i + 1].offsets[1].item<int64_t>();
      EXPECT_GT(batches[i].states.size(0) + next_length, 12);
    }
  }
  EXPECT_EQ(Read({.max_tokens = 1}).size(), static_cast<size_t>(kWindows));
}

TEST_F(BatchStreamTest, StatesComeInTheWantedDtypeAndLayers) {
  for (const bool shuffle : {false, true}) {
    const auto whole = Read({.batch_size = 5, .shuffle = shuffle});
    const auto picked = Read({.batch_size = 5, .shuffle = shuffle, .dtype = at::kFloat, .layers = {2, 0}});
    ASSERT_EQ(whole.size(), picked.size());
    for (size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(picked[i].states.scalar_type(), at::kFloat);
      ASSERT_EQ(picked[i].states.size(1), 2);
      EXPECT_TRUE(at::equal(picked[i].states.select(1, 0), whole[i].states.select(1, 2).to(at::kFloat)));
      EXPECT_TRUE(at::equal(picked[i].states.select(1, 1), whole[i].states.select(1, 0).to(at::kFloat)));
    }
  }
}

TEST_F(BatchStreamTest, NeighboursAreAViewOfTheFile) {
  const StoreReader reader(scratch_ / "s");
  const auto shard = reader.Shard(0);
  const StoreBatch batch = GatherWindows({{shard, 1}, {shard, 2}}, std::nullopt, {});
  EXPECT_TRUE(batch.states.is_alias_of(shard->tensors().states));
  EXPECT_FALSE(
      GatherWindows({{shard, 2}, {shard, 1}}, std::nullopt, {}).states.is_alias_of(shard->tensors().states));
}

TEST_F(BatchStreamTest, ABadShardIsReportedAfterTheBatchesBeforeIt) {
  const fs::path shard = scratch_ / "s" / ShardFile(3);
  std::string content = ReadFile(shard);
  content[8] = '[';
  const StoreReader reader(scratch_ / "s");
  WriteFileAtomically(shard, content);
  BatchStream bad(reader, {.batch_size = 1, .group_bytes = 1});
  int64_t good = 0;
  std::string message;
  try {
    for (StoreBatch batch; bad.Next(&batch);) ++good;
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_THAT(message, HasSubstr(ShardFile(3)));
  EXPECT_GT(good, 0);
  EXPECT_LT(good, kWindows);
}

TEST_F(BatchStreamTest, ItMayBeDroppedAtAnyTime) {
  for (int64_t taken = 0; taken < 6; ++taken) {
    BatchStream stream(StoreReader(scratch_ / "s"), {.batch_size = 2, .queue = 1});
    StoreBatch batch;
    for (int64_t i = 0; i < taken; ++i) ASSERT_TRUE(stream.Next(&batch));
  }
}

TEST_F(BatchStreamTest, OptionsOutOfRangeAreRefused) {
  EXPECT_THAT(test::MessageOf([&] { Read({.batch_size = 0}); }), HasSubstr("batch size 0"));
  EXPECT_THAT(test::MessageOf([&] { Read({.layers = {3}}); }),
              HasSubstr("of 3 states in the store, number 3"));
}

// Of BERT-large, whose shards are files with holes where the states are.
class Terabyte {
 public:
  static constexpr int64_t kShards = 4096, kShardWindows = 31, kLength = 169;

  explicit Terabyte(fs::path folder) : folder_(std::move(folder)) {
    index_.program = "bertvision test";
    index_.info = test::SmallInfo(Codec::kBf16, 1);
    index_.info.layers.resize(25);
    std::iota(index_.info.layers.begin(), index_.info.layers.end(), 0);
    index_.info.hidden = 1024;
    index_.info.windows = kShards * kShardWindows;
    index_.info.tokens = index_.info.windows * kLength;
    WriteFileAtomically(folder_ / kExamplesFile, "x");
    index_.examples = {index_.info.windows, 1, 0};
    for (int64_t i = 0; i < kShards; ++i) MakeShard(i);
    WriteStoreIndex(folder_, index_);
  }

 private:
  void MakeShard(int64_t number) {
    const int64_t n = kShardWindows * kLength;
    const at::Tensor first = at::arange(kShardWindows, at::kInt) + number * kShardWindows;
    const std::vector<NamedTensor> small = {{"offsets", at::arange(kShardWindows + 1, at::kLong) * kLength},
                                            {"input_ids", at::zeros({n}, at::kInt)},
                                            {"token_type_ids", at::zeros({n}, at::kByte)},
                                            {"ranges", at::zeros({n, 2}, at::kInt)},
                                            {"window", first.to(at::kInt)},
                                            {"example", first.to(at::kInt)},
                                            {"labels", at::zeros({kShardWindows, 2}, at::kInt)},
                                            {"context", at::zeros({kShardWindows, 2}, at::kInt)}};
    const std::vector<int64_t> shape = {n, 25, 1024};
    const int64_t states = TensorBytes(Dtype::kBf16, shape);
    std::vector<TensorEntry> entries = {{"states", Dtype::kBf16, shape, 0, states}};
    const TensorLayout layout = LayOutTensors(small, states);
    entries.insert(entries.end(), layout.entries.begin(), layout.entries.end());
    const std::string header =
        FormatTensorHeader(entries, {{"store", HeadHash(index_)}, {"shard", std::to_string(number)}}, 4096);
    std::ofstream file(folder_ / ShardFile(number), std::ios::binary);
    file << header;
    file.seekp(static_cast<std::streamoff>(header.size()) + states);
    for (const size_t i : layout.order) {
      const at::Tensor& tensor = small[i].tensor;
      file.write(static_cast<const char*>(tensor.const_data_ptr()),
                 static_cast<std::streamsize>(tensor.nbytes()));
    }
    const auto bytes = static_cast<int64_t>(file.tellp());
    index_.shards.push_back({ShardFile(number), kShardWindows, n, bytes, 0});
  }

  fs::path folder_;
  StoreIndex index_;
};

TEST(BatchStream, AStoreOfATerabyteGivesItsFirstShuffledBatchAtOnce) {
  const test::ScratchFolder scratch;
  const Terabyte store(scratch.path());
  const auto begin = std::chrono::steady_clock::now();
  const StoreReader reader(scratch.path());
  BatchStream stream(reader, {.batch_size = 1, .shuffle = true, .seed = 1});
  StoreBatch batch;
  ASSERT_TRUE(stream.Next(&batch));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(reader.index().bytes(), int64_t{1'000'000'000'000});
  EXPECT_EQ(batch.states.size(0), Terabyte::kLength);
  RecordProperty("milliseconds", static_cast<int>(seconds.count() * 1000));
  EXPECT_LT(seconds.count(), 0.5);  // on a machine that does other things too
}

}  // namespace
}  // namespace bv
