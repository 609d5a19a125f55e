#include "tensorfile/growing_tensor_file.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing.h"

namespace bv {
namespace {

TEST(GrowingTensorFile, RowsThatComeInPartsReadBackWhole) {
  const test::ScratchFolder folder;
  const at::Tensor rows = at::arange(70, at::kFloat).view({7, 2, 5}).to(at::kBFloat16);
  GrowingTensorFile writer(folder / "s.safetensors", "states", at::kBFloat16, {2, 5}, {{"shard", "3"}});
  writer.Append(rows.narrow(0, 0, 3));
  writer.Append(rows.narrow(0, 3, 0));
  writer.Append(rows.narrow(0, 3, 4));
  EXPECT_EQ(writer.rows(), 7);
  writer.Finish({{"types", at::ones({3}, at::kByte)}, {"offsets", at::arange(4)}});
  const TensorFile file(folder / "s.safetensors");
  EXPECT_EQ(file.metadata().at("shard"), "3");
  EXPECT_TRUE(at::equal(file.Get("states"), rows));
  EXPECT_TRUE(at::equal(file.Get("offsets"), at::arange(4)));
  EXPECT_TRUE(at::equal(file.Get("types"), at::ones({3}, at::kByte)));
  // 140 bytes of rows: 4 more keep the 64-bit offsets aligned.
  EXPECT_EQ(file.Entry("padding").shape, std::vector<int64_t>{4});
  EXPECT_EQ(file.Entry("offsets").begin % 8, 0);
}

TEST(GrowingTensorFile, RowsOfMultiplesOfEightNeedNoPadding) {
  const test::ScratchFolder folder;
  GrowingTensorFile writer(folder / "s.safetensors", "states", at::kFloat, {4}, {});
  writer.Append(at::ones({3, 4}));
  writer.Finish({{"offsets", at::arange(2)}});
  EXPECT_FALSE(TensorFile(folder / "s.safetensors").Has("padding"));
}

TEST(GrowingTensorFile, WithoutFinishNothingAppears) {
  const test::ScratchFolder folder;
  { GrowingTensorFile(folder / "s.safetensors", "states", at::kFloat, {4}, {}).Append(at::ones({3, 4})); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(GrowingTensorFile, RowsOfAnotherShapeOrDtypeAreRefused) {
  const test::ScratchFolder folder;
  GrowingTensorFile writer(folder / "s.safetensors", "states", at::kFloat, {4}, {});
  EXPECT_THROW(writer.Append(at::ones({3, 5})), Error);
  EXPECT_THROW(writer.Append(at::ones({3, 4}, at::kHalf)), Error);
}

}  // namespace
}  // namespace bv
