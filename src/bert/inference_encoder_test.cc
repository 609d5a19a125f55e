#include "bert/inference_encoder.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/model_folder.h"
#include "kernels/int8_product.h"

namespace bv {
namespace {

using Rows = InferenceEncoder::Rows;

// Windows of made-up pieces of MiniLM's vocabulary.
struct MadeUp {
  explicit MadeUp(const std::vector<int64_t>& lengths) {
    for (const int64_t length : lengths) {
      std::vector<int32_t> window;
      for (int64_t i = 0; i < length; ++i)
        window.push_back(
            static_cast<int32_t>(1000 + (i * 7919 + 31 * static_cast<int64_t>(ids.size())) % 20000));
      ids.push_back(std::move(window));
      types.emplace_back(static_cast<size_t>(length), uint8_t{0});
    }
  }
  PackedTokens Tokens() const {
    std::vector<TokenSpan> spans;
    for (size_t i = 0; i < ids.size(); ++i) spans.push_back({ids[i], types[i]});
    return PackTokens(spans);
  }
  std::vector<std::vector<int32_t>> ids;
  std::vector<std::vector<uint8_t>> types;
};

// fp32 stands in for int8 on machines that have no products of 8 bits.
Precision Testable(Precision precision) {
  return precision != Precision::kInt8 || kernels::Int8Product::Available() ? precision : Precision::kFp32;
}

class MiniLm : public testing::TestWithParam<Precision> {
 protected:
  InferenceEncoder encoder_{LoadBert(FindModelFolder("minilm")), Testable(GetParam())};
  const std::vector<int32_t> all_ = {0, 1, 2, 3, 4, 5, 6};
  // What the order of sums in products of other heights may change.
  double tolerance() const { return GetParam() == Precision::kFp32 ? 2e-6 : 0.03; }
};
INSTANTIATE_TEST_SUITE_P(InferenceEncoder, MiniLm,
                         testing::Values(Precision::kFp32, Precision::kBf16, Precision::kInt8));

double RelativeError(const at::Tensor& got, const at::Tensor& wanted) {
  return at::abs(got.to(at::kDouble) - wanted.to(at::kDouble)).max().item<double>() /
         at::abs(wanted.to(at::kDouble)).max().item<double>();
}

// Many windows make several chunks; each window must come out as it does alone.
TEST_P(MiniLm, WindowsOfManyChunksAreThoseOfEachAlone) {
  const MadeUp many({300, 1, 512, 40, 2, 400, 17, 300, 64, 65, 130, 5});
  const PackedTokens tokens = many.Tokens();
  const at::Tensor together = encoder_.States(tokens, all_);
  const auto* offsets = tokens.offsets.const_data_ptr<int64_t>();
  for (size_t w = 0; w < many.ids.size(); ++w) {
    const TokenSpan span{many.ids[w], many.types[w]};
    const at::Tensor alone = encoder_.States(PackTokens({&span, 1}), all_);
    EXPECT_LT(RelativeError(together.slice(0, offsets[w], offsets[w + 1]), alone), tolerance()) << w;
  }
}

TEST_P(MiniLm, ThreadsDoNotMatterWhereTheChunksAreTheSame) {
  const PackedTokens tokens = MadeUp({400, 400, 400, 400, 400, 400}).Tokens();
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = encoder_.States(tokens, all_);
  at::set_num_threads(3);
  const at::Tensor three = encoder_.States(tokens, all_);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one, three));
}

TEST_P(MiniLm, ChosenLayersAndFirstRowsAreThoseOfAll) {
  const PackedTokens tokens = MadeUp({100, 1, 300, 200, 40}).Tokens();
  const at::Tensor everything = encoder_.States(tokens, all_);
  const std::vector<int32_t> some = {1, 4};
  EXPECT_TRUE(at::equal(encoder_.States(tokens, some).select(1, 0), everything.select(1, 1)));
  EXPECT_TRUE(at::equal(encoder_.States(tokens, some).select(1, 1), everything.select(1, 4)));
  const at::Tensor firsts = encoder_.States(tokens, all_, Rows::kFirst);
  EXPECT_TRUE(at::equal(firsts, everything.index_select(0, tokens.offsets.slice(0, 0, -1))));
}

TEST_P(MiniLm, NoWindowsGiveNoStates) {
  EXPECT_EQ(encoder_.States(MadeUp({}).Tokens(), all_).sizes(), at::IntArrayRef({0, 7, 384}));
}

// The error of each layer, root of mean squares, that docs/extracting.md states.
TEST(InferenceEncoder, Int8StaysWithinItsStatedDistance) {
  if (!kernels::Int8Product::Available()) GTEST_SKIP() << "no AVX512-VNNI: int8 not tested";
  const BertWeights weights = LoadBert(FindModelFolder("minilm"));
  const PackedTokens tokens = MadeUp({100, 1, 300, 200, 40}).Tokens();
  const std::vector<int32_t> all = {0, 1, 2, 3, 4, 5, 6};
  const at::Tensor exact = InferenceEncoder(weights, Precision::kFp32).States(tokens, all);
  const at::Tensor states = InferenceEncoder(weights, Precision::kInt8).States(tokens, all).to(at::kFloat);
  for (int64_t layer = 0; layer < 7; ++layer) {
    const at::Tensor wanted = exact.select(1, layer);
    const double error =
        (states.select(1, layer) - wanted).norm().item<double>() / wanted.norm().item<double>();
    EXPECT_LT(error, 0.07) << layer;
  }
}

}  // namespace
}  // namespace bv
