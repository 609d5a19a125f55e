#include "tensorfile/tensor_file.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

using test::MessageOf;
using testing::HasSubstr;

const std::vector<at::ScalarType> kAllTypes = {at::kByte, at::kBool, at::kChar,     at::kShort, at::kInt,
                                               at::kLong, at::kHalf, at::kBFloat16, at::kFloat, at::kDouble};

TEST(TensorFile, AllDtypesComeBackEqualAndAligned) {
  const test::ScratchFolder folder;
  std::vector<NamedTensor> tensors;
  for (const at::ScalarType type : kAllTypes) {
    const at::Tensor numbers = at::arange(15, at::kFloat).view({3, 5}).to(type);
    tensors.push_back({std::string("t.") + c10::toString(type), numbers});
  }
  tensors.push_back({"scalar", at::ones({}, at::kFloat)});
  tensors.push_back({"empty", at::ones({0, 4}, at::kLong)});
  WriteTensorFile(folder / "all.safetensors", tensors, {{"made by", "a test"}});
  const TensorFile file(folder / "all.safetensors");
  EXPECT_EQ(file.metadata().at("made by"), "a test");
  EXPECT_EQ(file.names().size(), tensors.size());
  for (const NamedTensor& wanted : tensors) {
    const at::Tensor got = file.Get(wanted.name);
    EXPECT_EQ(got.scalar_type(), wanted.tensor.scalar_type()) << wanted.name;
    EXPECT_TRUE(at::equal(got, wanted.tensor)) << wanted.name;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(got.const_data_ptr()) % static_cast<uintptr_t>(got.element_size()),
              0u)
        << wanted.name;
  }
}

TEST(TensorFile, AViewOutlivesTheFileObjectAndCopiesNothing) {
  const test::ScratchFolder folder;
  WriteTensorFile(folder / "a.safetensors", {{"a", at::arange(1000)}});
  at::Tensor view;
  {
    const TensorFile file(folder / "a.safetensors");
    view = file.Get("a");
    EXPECT_EQ(view.const_data_ptr(), file.Get("a").const_data_ptr());
  }
  EXPECT_TRUE(at::equal(view, at::arange(1000)));
}

TEST(TensorFile, StridedTensorsAreWrittenAsTheirValues) {
  const test::ScratchFolder folder;
  const at::Tensor transposed = at::arange(12, at::kFloat).view({3, 4}).t();
  WriteTensorFile(folder / "a.safetensors", {{"a", transposed}});
  EXPECT_TRUE(at::equal(TensorFile(folder / "a.safetensors").Get("a"), transposed));
}

TEST(TensorFile, MisalignedDataIsCopied) {
  const test::ScratchFolder folder;
  std::string text = FormatTensorHeader({{"byte", Dtype::kU8, {1}, 0, 1}, {"x", Dtype::kF32, {2}, 1, 9}}, {});
  const float values[2] = {1.5F, -2.0F};
  text.push_back('\7');
  text.append(reinterpret_cast<const char*>(values), sizeof values);
  WriteFileAtomically(folder / "odd.safetensors", text);
  const at::Tensor x = TensorFile(folder / "odd.safetensors").Get("x");
  EXPECT_EQ(x[0].item<float>(), 1.5F);
  EXPECT_EQ(x[1].item<float>(), -2.0F);
}

TEST(TensorFile, AMissingTensorNamesItsNeighbours) {
  const test::ScratchFolder folder;
  WriteTensorFile(folder / "a.safetensors", {{"layer.0.weight", at::ones({1})}, {"z", at::ones({1})}});
  const TensorFile file(folder / "a.safetensors");
  EXPECT_THAT(MessageOf([&] { file.Get("layer.0.wieght"); }), HasSubstr("nearest names are layer.0.weight"));
}

TEST(TensorFile, ABoolThatIsNeitherZeroNorOneIsRefused) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "b.safetensors",
                      FormatTensorHeader({{"b", Dtype::kBool, {2}, 0, 2}}, {}) + "\1\2");
  const TensorFile file(folder / "b.safetensors");
  EXPECT_THAT(MessageOf([&] { file.Get("b"); }), HasSubstr("BOOL"));
}

TEST(TensorFile, ANameGivenTwiceIsRefusedAndNothingIsWritten) {
  const test::ScratchFolder folder;
  EXPECT_THROW(WriteTensorFile(folder / "a.safetensors", {{"a", at::ones({1})}, {"a", at::ones({1})}}),
               Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AllFinite, FindsOneBadValueInEveryDtype) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16}) {
    for (const double value :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
          -std::numeric_limits<double>::infinity()}) {
      at::Tensor numbers = at::randn({3, 67}).to(type);
      EXPECT_TRUE(AllFinite(numbers.t()));
      numbers[1][66] = value;
      EXPECT_FALSE(AllFinite(numbers)) << c10::toString(type) << " " << value;
    }
  }
  EXPECT_TRUE(AllFinite(at::ones({0})));
  EXPECT_TRUE(AllFinite(at::ones({2}, at::kLong)));
}

TEST(RequireFinite, NamesTheFirstBadElementAndTheirNumber) {
  at::Tensor weights = at::ones({4, 5});
  RequireFinite(weights, "w", "m.safetensors");
  RequireFinite(at::ones({3}, at::kLong), "ids", "m.safetensors");
  weights[1][2] = std::numeric_limits<float>::quiet_NaN();
  weights[3][0] = -std::numeric_limits<float>::infinity();
  const std::string message =
      MessageOf([&] { RequireFinite(weights.to(at::kBFloat16), "w", "m.safetensors"); });
  EXPECT_THAT(message, HasSubstr("m.safetensors: tensor 'w': 2 of 20 values"));
  EXPECT_THAT(message, HasSubstr("element 7"));
}

}  // namespace
}  // namespace bv
